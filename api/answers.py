"""From the ledger's values to the shapes the API speaks."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, cast

import orjson

from api.schemas import campaigns as campaign_schemas
from api.schemas import intents as intent_schemas
from api.schemas import merchants as merchant_schemas
from api.schemas import passes as pass_schemas
from api.schemas import redemptions as redemption_schemas
from api.schemas import rules as rule_schemas
from api.schemas.base import Bilingual, Sentences
from ledger.db.index_reads import Holding
from ledger.db.papers import Moved
from ledger.db.tables_till import Intent
from ledger.domain.campaign import Campaign
from ledger.domain.hashing import ZERO_ADDRESS
from ledger.domain.policy_document import Policy
from ledger.domain.policy_sentences import explain
from ledger.domain.sentences import SENTENCES, advise, say
from ledger.domain.verdict import Verdict
from ledger.domain.vocabulary import ALL_DISTRICTS, CATEGORIES, CLASSES, DISTRICT_BITS
from ledger.errors import LedgerError, PolicyMissing
from ledger.services.coupons import Coupon
from ledger.services.limits import Limits
from ledger.services.merchants import Shop, Takings
from ledger.services.quote import Quoted
from ledger.services.receipts import Receipt, Redemption
from ledger.services.runtime import Runtime

HOURS_A_WEEK: Final = 168


def sentences_of(code: str, details: Mapping[str, Any]) -> tuple[str, str]:
    """The two sentences of a code; a code from an older version reads as a failure."""
    return say(code if code in SENTENCES else LedgerError.code, details)


def name_of(policy: Policy | None) -> Bilingual | None:
    """The campaign's name, where its policy is known here."""
    return None if policy is None else Bilingual(th=policy.name.th, en=policy.name.en)


def explained(policy: Policy) -> Sentences:
    """The policy read aloud."""
    thai, english = explain(policy)
    return Sentences(th=thai, en=english)


def intent(found: Intent) -> intent_schemas.Intent:
    """An intent and how far it has come."""
    error = None
    if found.error is not None:
        code, details = str(found.error["code"]), dict(found.error.get("details", {}))
        th, en = sentences_of(code, details)
        error = intent_schemas.IntentFailure(code=code, th=th, en=en, details=details)
    result = dict(found.result or {})
    tx_hash = result.pop("tx_hash", None)
    return intent_schemas.Intent(
        id=found.id,
        kind=found.kind,
        status=cast("intent_schemas.IntentStatus", found.status),
        result=result or None,
        error=error,
        tx_hash=tx_hash,
        created_at=found.created_at,
    )


def accepted(placed: list[Intent]) -> intent_schemas.IntentAccepted:
    """What was queued. The last intent stands for all."""
    shown = [intent(one) for one in placed]
    return intent_schemas.IntentAccepted(intent=shown[-1], intents=shown)


def campaign(
    found: Campaign, *, spent: int, pending: int, policy: Policy | None
) -> campaign_schemas.Campaign:
    """A campaign with its money."""
    return campaign_schemas.Campaign(
        campaign=found.number,
        status=cast("campaign_schemas.CampaignState", found.status.name.lower()),
        name=name_of(policy),
        policy_hash="0x" + found.terms.policy_hash.hex(),
        policy=None if policy is None else orjson.loads(policy.canonical),
        sentences=None if policy is None else explained(policy),
        terms=_terms(found),
        money=campaign_schemas.CampaignFigures(
            funded=found.funded,
            spent=spent,
            pending=pending,
            left=max(found.funded - spent - pending, 0),
        ),
        token=found.terms.token,
        drafted_by=found.drafted_by,
        approved_by=_somebody(found.approved_by),
        issued_by=_somebody(found.issued_by),
        paused_at=found.paused_at or None,
    )


def _somebody(address: str) -> str | None:
    return None if address == ZERO_ADDRESS else address


def _terms(found: Campaign) -> campaign_schemas.CampaignTerms:
    terms = found.terms
    everywhere = terms.districts == ALL_DISTRICTS
    any_shop = terms.categories == CATEGORIES.all
    return campaign_schemas.CampaignTerms(
        starts=terms.starts,
        ends=terms.ends,
        first_use_by=terms.first_use_by,
        share_basis_points=terms.share_basis_points,
        allowance=terms.allowance,
        per_use_max=terms.per_use_max,
        per_day_max=terms.per_day_max,
        bill_min=terms.bill_min,
        audience=[word.name for word in CLASSES.chosen(terms.audience)],
        categories="any"
        if any_shop
        else [word.name for word in CATEGORIES.chosen(terms.categories)],
        districts="any"
        if everywhere
        else [number for number in range(DISTRICT_BITS) if terms.districts >> number & 1],
        hours="".join(str(terms.open_hours >> hour & 1) for hour in range(HOURS_A_WEEK)),
        same_district=terms.same_district,
        list_count=terms.list_count,
        list_hash="0x" + terms.list_hash.hex(),
    )


def merchant(shop: Shop) -> merchant_schemas.Merchant:
    """A shop."""
    found, profile = shop.merchant, shop.profile
    return merchant_schemas.Merchant(
        merchant=found.number,
        name_th=None if profile is None else profile.name_th,
        name_en=None if profile is None else profile.name_en,
        category=CATEGORIES.word(found.category).name,
        district=found.district,
        status=cast("merchant_schemas.MerchantState", found.status.name.lower()),
        payout=found.payout,
        latitude=None if profile is None else _degrees(profile.latitude_microdegrees),
        longitude=None if profile is None else _degrees(profile.longitude_microdegrees),
    )


def _degrees(microdegrees: int | None) -> str | None:
    return None if microdegrees is None else str(Decimal(microdegrees).scaleb(-6))


def pass_(holding: Holding) -> pass_schemas.Pass:
    """A pass and who holds it."""
    found = holding.pass_
    return pass_schemas.Pass(
        pass_number=found.number,
        holder=holding.holder,
        class_=CLASSES.word(found.class_).name,
        district=found.district,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        status=cast("pass_schemas.PassState", found.status.name.lower()),
    )


def pass_move(moved: Moved) -> pass_schemas.PassMove:
    """One move of a pass: who asked for it, when, why, and how far it has come."""
    found = moved.move
    return pass_schemas.PassMove(
        from_address=found.from_address,
        to=found.to_address,
        medium=cast("pass_schemas.KeyMedium", found.medium),
        reason=found.reason,
        by=moved.by,
        at=found.asked_at,
        status=cast("intent_schemas.IntentStatus", moved.status),
    )


def pass_record(holding: Holding, moves: list[Moved]) -> pass_schemas.PassRecord:
    """A pass and its history."""
    shown = pass_(holding).model_dump(by_alias=True)
    return pass_schemas.PassRecord(**shown, moves=[pass_move(one) for one in moves])


def refusal(verdict: Verdict) -> redemption_schemas.Refusal | None:
    """Why a verdict refuses; None where it accepts."""
    if verdict.reason is None:
        return None
    return _refused(verdict.reason.code, verdict.figures)


def _refused(code: str, figures: Mapping[str, Any]) -> redemption_schemas.Refusal:
    known = code if code in SENTENCES else LedgerError.code
    th, en = say(known, figures)
    action_th, action_en = advise(known, figures)
    return redemption_schemas.Refusal(
        code=code,
        th=th,
        en=en,
        action_th=action_th,
        action_en=action_en,
        figures=dict(figures),
    )


def limits(campaign: Campaign, found: Limits) -> rule_schemas.Limits:
    """What a coupon may still do, and what it needs."""
    terms, place, notice = _terms(campaign), found.position, found.notice
    coming = found.instalment
    return rule_schemas.Limits(
        left=found.left,
        left_today=found.left_today,
        household_left=found.household_left,
        household_left_today=found.household_left_today,
        merchant_left_today=found.merchant_left_today,
        released_left=found.released_left,
        instalment=None
        if coming is None
        else rule_schemas.Instalment(
            opens=coming.opens, amount=coming.amount, after_spending=coming.after_spending
        ),
        until=found.until,
        first_use_by=found.first_use_by,
        opens_at=found.opens_at,
        categories=terms.categories,
        districts=terms.districts,
        same_district=terms.same_district,
        position=None
        if place is None
        else rule_schemas.PositionNeeded(
            metres_max=place.metres_max,
            position_age_seconds_max=place.position_age_seconds_max,
            accuracy_metres_max=place.accuracy_metres_max,
            stand_uses_per_day_max=place.stand_uses_per_day_max,
        ),
        notice=None
        if notice is None
        else rule_schemas.NoticeNeeded(th=notice.th, en=notice.en, hash="0x" + notice.hash.hex()),
        paper_pin_above=found.paper_pin_above,
        pays_first=found.pays_first,
    )


def _without_policy(campaign: Campaign) -> redemption_schemas.Refusal:
    figures = {
        "campaign": campaign.number,
        "policy": "0x" + campaign.terms.policy_hash.hex(),
    }
    return _refused(PolicyMissing.code, figures)


def coupon(found: Coupon) -> pass_schemas.Coupon:
    """What a pass may still do under one campaign."""
    terms = found.campaign.terms
    return pass_schemas.Coupon(
        campaign=found.campaign.number,
        name=name_of(found.policy),
        policy_hash="0x" + terms.policy_hash.hex(),
        sentences=None if found.policy is None else explained(found.policy),
        starts=terms.starts,
        ends=terms.ends,
        first_use_by=terms.first_use_by,
        share_basis_points=terms.share_basis_points,
        allowance=terms.allowance,
        spent=found.usage.spent_total,
        left=found.left,
        left_now=found.left_now,
        last_signed_at=found.last_signed_at,
        refusal=_without_policy(found.campaign)
        if found.verdict is None
        else refusal(found.verdict),
        limits=None if found.limits is None else limits(found.campaign, found.limits),
    )


def quoted(found: Quoted) -> redemption_schemas.Quoted:
    """What a coupon would pay."""
    return redemption_schemas.Quoted(
        campaign=found.campaign.number,
        merchant=found.merchant,
        bill=found.bill,
        amount=found.amount,
        copay=found.copay,
        cash=max(found.bill - found.amount - found.copay, 0),
        signed_at=found.signed_at,
        verdict=redemption_schemas.Verdict(
            accepted=found.verdict.accepted,
            policy="0x" + found.verdict.policy_hash.hex(),
            refusal=refusal(found.verdict),
        ),
        limits=limits(found.campaign, found.limits),
        typed_data=found.typed_data,
    )


def redemption(
    runtime: Runtime, found: Redemption, shop: Shop | None
) -> redemption_schemas.Redemption:
    """One redemption and how far it has come."""
    name = None
    if shop is not None and shop.profile is not None:
        name = Bilingual(th=shop.profile.name_th, en=shop.profile.name_en)
    failure = None
    if found.reason is not None:
        failure = _refused(found.reason, {})
    included = found.included
    return redemption_schemas.Redemption(
        id=found.id,
        status=found.status.value,
        campaign=found.campaign,
        pass_number=found.pass_number,
        merchant=found.merchant,
        merchant_name=name,
        bill=found.bill,
        amount=found.amount,
        copay=found.copay,
        cash=found.bill - found.amount - found.copay,
        voided=found.voided,
        signed_at=found.signed_at,
        accepted_at=found.accepted_at,
        unnamed=found.unnamed,
        policy=found.policy_hash,
        verdict=found.verdict_id,
        batch=None if included is None else included.batch,
        block=None if included is None else included.block_number,
        tx_hash=None if included is None else included.tx_hash,
        failure=failure,
        receipt=None if found.receipt is None else receipt(runtime, found, found.receipt),
    )


def receipt(runtime: Runtime, found: Redemption, signed: Receipt) -> redemption_schemas.Receipt:
    """The sequencer's promise."""
    return redemption_schemas.Receipt(
        id=found.id,
        campaign=found.campaign,
        pass_number=found.pass_number,
        merchant=found.merchant,
        bill=found.bill,
        amount=found.amount,
        copay=found.copay,
        signed_at=found.signed_at,
        accepted_at=signed.accepted_at,
        policy=found.policy_hash,
        signature="0x" + signed.r.hex() + signed.vs.hex(),
        signer=runtime.sequencer.address,
        qr=signed.qr,
    )


def takings(found: Takings, policy: Policy | None) -> redemption_schemas.CampaignTakings:
    """One campaign's part of a shop's takings."""
    return redemption_schemas.CampaignTakings(
        campaign=found.campaign,
        name=name_of(policy),
        count=found.count,
        amount=found.amount,
        copay=found.copay,
        pending=found.pending,
    )
