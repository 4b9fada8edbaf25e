"""A verdict with everything it was judged by, so that anybody can judge it again.

The document is JSON. Its RFC 8785 form is hashed, and the service signs that hash with the hash of
the policy, the time and the code as the EIP-712 struct `Verdict`. Names, positions and addresses of
people stand nowhere in it: a distance, an age and an accuracy do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
import rfc8785

from ledger.domain.campaign import Campaign, CampaignStatus, Terms
from ledger.domain.evidence_fields import (
    AMOUNT,
    BYTES,
    MASK,
    NUMBER,
    NUMBER_MAX,
    TEXT,
    TRUTH,
    Table,
    constant_of,
    exactly,
    object_of,
    optional,
    read_fields,
    word_of,
    write_fields,
)
from ledger.domain.hashing import keccak
from ledger.domain.merchants import Merchant, MerchantStatus
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.policy import policy_terms
from ledger.domain.policy_document import Policy
from ledger.domain.redemption import Maximum
from ledger.domain.rules import Figures, Request, Venue
from ledger.domain.till_terms import NO_TILL_FACTS, TillFacts
from ledger.domain.typed_data import verdict_digest
from ledger.domain.usage import Usage
from ledger.domain.verdict import Verdict, judge
from ledger.errors import InputInvalid

VERSION: Final = 1
_MEMBERS: Final = {
    "version", "policy", "venue", "now", "campaign", "pass", "merchant", "usage", "request",
    "facts", "outcome",
}  # fmt: skip
_TERMS: Final[Table] = {
    "policy_hash": BYTES, "token": TEXT, "starts": NUMBER, "ends": NUMBER, "first_use_by": NUMBER,
    "share_basis_points": NUMBER, "allowance": AMOUNT, "per_use_max": AMOUNT,
    "per_day_max": AMOUNT, "bill_min": AMOUNT, "audience": MASK, "categories": MASK,
    "districts": MASK, "open_hours": MASK, "same_district": TRUTH, "list_hash": BYTES,
    "list_count": NUMBER,
}  # fmt: skip
_CAMPAIGN: Final[Table] = {
    "number": NUMBER, "status": word_of(CampaignStatus), "funded": AMOUNT, "spent": AMOUNT,
    "paused_at": NUMBER, "terms": constant_of(_TERMS, Terms),
}  # fmt: skip
_PASS: Final[Table] = {
    "number": NUMBER, "class_": NUMBER, "district": NUMBER, "valid_from": NUMBER,
    "valid_until": NUMBER, "status": word_of(PassStatus),
}  # fmt: skip
_MERCHANT: Final[Table] = {
    "number": NUMBER, "payout": TEXT, "category": NUMBER, "district": NUMBER,
    "status": word_of(MerchantStatus),
}  # fmt: skip
_USAGE: Final[Table] = {"last_step": NUMBER, "spent_today": AMOUNT, "spent_total": AMOUNT}
_MAXIMUM: Final[Table] = {"bill": AMOUNT, "amount": AMOUNT, "copay": AMOUNT}
_REQUEST: Final[Table] = {
    "bill": AMOUNT, "amount": AMOUNT, "copay": AMOUNT, "signed_at": NUMBER, "merchant": NUMBER,
    "maximum": optional(object_of(_MAXIMUM, Maximum)), "copay_funds": AMOUNT, "head_valid": TRUTH,
}  # fmt: skip
_SIGNED: Final = AMOUNT
"""A metre or second that a broken phone may tell below zero, and the judge then refuses."""
_FACTS: Final[Table] = {
    "distance_metres": optional(_SIGNED), "position_age_seconds": optional(_SIGNED),
    "accuracy_metres": optional(_SIGNED), "at_stand": TRUTH, "stand_uses_today": optional(NUMBER),
    "household_spent": optional(AMOUNT), "household_spent_today": optional(AMOUNT),
    "merchant_taken_today": optional(AMOUNT), "notice_acknowledged": optional(BYTES),
    "pays_first": optional(NUMBER), "stacking_known": TRUTH, "by_paper": TRUTH,
    "pin_given": TRUTH,
}  # fmt: skip


def document_of(
    campaign: Campaign,
    pass_: Pass | None,
    merchant: Merchant | None,
    usage: Usage,
    request: Request,
    now: int,
    verdict: Verdict,
    *,
    facts: TillFacts = NO_TILL_FACTS,
) -> dict[str, Any]:
    """Return the evidence of one verdict: what `judge` was given and what it said.

    The till's rules stand in the policy, whose hash is named; of a list, only whether the pass is
    on it.
    """
    of_campaign = write_fields(_CAMPAIGN, campaign)
    on_list = pass_ is not None and campaign.terms.listed and campaign.lists(pass_.number)
    return {
        "version": VERSION,
        "policy": "0x" + verdict.policy_hash.hex(),
        "venue": str(request.venue),
        "now": now,
        "campaign": of_campaign | {"on_list": on_list},
        "pass": None if pass_ is None else write_fields(_PASS, pass_),
        "merchant": None if merchant is None else write_fields(_MERCHANT, merchant),
        "usage": write_fields(_USAGE, usage),
        "request": write_fields(_REQUEST, request),
        "facts": write_fields(_FACTS, facts),
        "outcome": outcome_of(verdict),
    }


def written(document: Mapping[str, Any]) -> bytes:
    """Return the RFC 8785 form of a document that `document_of` made.

    Its names are ASCII and its numbers whole and below 2^53: for these the form is sorted names
    without spaces, which the compiled library writes forty times faster than the general one.
    """
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)


def outcome_of(verdict: Verdict) -> dict[str, Any]:
    """Return the outcome as it stands in the document; a figure beyond 2^53 is a string."""
    return {
        "accepted": verdict.accepted,
        "code": verdict.code,
        "figures": _figures(verdict.figures),
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {name: _figure(value) for name, value in figures.items()}


def _figure(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > NUMBER_MAX:
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def evidence_of(document: Mapping[str, Any]) -> bytes:
    """Return keccak-256 of the RFC 8785 form. Raises InputInvalid for what has no such form."""
    try:
        return keccak(rfc8785.dumps(dict(document)))
    except (rfc8785.CanonicalizationError, RecursionError) as broken:
        raise InputInvalid(what="verdict", why="it has no canonical form") from broken


def digest_of(
    separator: bytes, document: Mapping[str, Any], *, evidence: bytes | None = None
) -> bytes:
    """Return the 32 bytes the service signs under a verdict. Raises InputInvalid on nonsense.

    `evidence` is what `evidence_of` returns, where the caller knows it.
    """
    outcome = document.get("outcome")
    code = outcome.get("code") if isinstance(outcome, Mapping) else None
    return verdict_digest(
        separator,
        policy=_hash32("policy", document.get("policy")),
        evidence=evidence_of(document) if evidence is None else evidence,
        judged_at=NUMBER.read("now", document.get("now")),
        code=TEXT.read("outcome.code", code),
    )


def _hash32(where: str, value: Any) -> bytes:
    found: bytes = BYTES.read(where, value)
    if len(found) != 32:
        raise InputInvalid(what=where, why="32 bytes are needed")
    return found


def rejudge(document: Mapping[str, Any], policy: Policy) -> Verdict:
    """Judge again from the document alone and the policy it names.

    Raises InputInvalid when the document is nonsense, names another policy, or claims terms that
    are not the policy's.
    """
    of = exactly("verdict", document, _MEMBERS)
    if NUMBER.read("version", of["version"]) != VERSION:
        raise InputInvalid(what="version", why=f"only version {VERSION} is known")
    if _hash32("policy", of["policy"]) != policy.hash:
        raise InputInvalid(what="policy", why="the verdict names another policy")
    pass_ = None if of["pass"] is None else read_fields(_PASS, "pass", of["pass"], Pass)
    merchant = of["merchant"]
    return judge(
        _campaign(of["campaign"], pass_, policy),
        pass_,
        None if merchant is None else read_fields(_MERCHANT, "merchant", merchant, Merchant),
        read_fields(_USAGE, "usage", of["usage"], Usage),
        read_fields(_REQUEST, "request", of["request"], _request_at(of["venue"])),
        NUMBER.read("now", of["now"]),
        till=policy.till,
        facts=read_fields(_FACTS, "facts", of["facts"], TillFacts),
    )


def _request_at(venue: Any) -> Any:
    if venue not in [str(one) for one in Venue]:
        raise InputInvalid(what="venue", why=f"one of {', '.join(Venue)} is needed")
    return lambda **fields: Request(venue=Venue(venue), **fields)


def _campaign(value: Any, pass_: Pass | None, policy: Policy) -> Campaign:
    members = exactly("campaign", value, {*_CAMPAIGN, "on_list"})
    on_list = TRUTH.read("campaign.on_list", members["on_list"])
    number = pass_.number if pass_ and on_list else None
    words = {} if number is None else {number >> 8: 1 << (number & 0xFF)}
    plain = {name: member for name, member in members.items() if name != "on_list"}
    found = read_fields(
        _CAMPAIGN, "campaign", plain, lambda **fields: Campaign(list_words=words, **fields)
    )
    if found.terms != policy_terms(policy, found.terms.token):
        raise InputInvalid(what="campaign.terms", why="they are not the policy's")
    return found


def disagreements(document: Mapping[str, Any], again: Verdict) -> list[dict[str, Any]]:
    """Return what the document says and a second judgement does not: `what`, `said`, `judged`."""
    said, judged = document.get("outcome"), outcome_of(again)
    if not isinstance(said, Mapping) or not isinstance(said.get("figures"), Mapping):
        return [{"what": "outcome", "said": said, "judged": judged}]
    told = {name: value for name, value in said.items() if name != "figures"}
    told |= {f"figures.{name}": value for name, value in said["figures"].items()}
    found = {name: value for name, value in judged.items() if name != "figures"}
    found |= {f"figures.{name}": value for name, value in judged["figures"].items()}
    return [
        {"what": name, "said": told.get(name), "judged": found.get(name)}
        for name in sorted({*told, *found})
        if name not in told or name not in found or told[name] != found[name]
    ]
