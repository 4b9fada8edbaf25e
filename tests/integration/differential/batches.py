"""Random batches: what holders sign, and what becomes of it on its way."""

from dataclasses import replace
from random import Random

from ledger.domain.clock import STEP_SECONDS
from ledger.domain.passes import Pass, PassStatus
from ledger.domain.redemption import UNNAMED, Entry, Maximum, SignedRedemption
from tests.integration.differential.actions import Plan, Redeem, Twist
from tests.integration.differential.borders import (
    U24,
    U32,
    any_amount,
    any_bill,
    any_copay,
    any_step,
    good_amount,
    good_bill,
    good_copay,
    good_step,
    limits,
)
from tests.integration.differential.court import Court
from tests.integration.differential.model import Model
from tests.integration.differential.people import SHOPS, SPARES, STRANGERS, address, names

RESERVED = (1 << 21, 1 << 22, 3 << 21)


def any_batch(rng: Random, model: Model, number: int, at: int, old: list[Plan]) -> Redeem:
    """A batch of one to many entries, each made with what the earlier ones leave in mind."""
    forced = rng.random() < 0.15
    campaign = model.state.campaigns[number]
    court = Court(model=model, campaign=campaign, now=at, forced=forced)
    header = any_header(rng, model)
    size = rng.choice((1, 1, 2, 2, 3)) if forced else rng.choice((1, 4, 8, 12, 20, 30))
    if not forced and campaign.terms.ends > at and rng.random() < 0.01:
        size = rng.choice((120, 299, 300, 301))
    plans = [_plan(rng, court, header, old) for _ in range(size)]
    if rng.random() < 0.1:
        rng.shuffle(plans)
    sender = rng.choice((*SHOPS[:2], *STRANGERS)) if forced else "SEQUENCER"
    if rng.random() < 0.01:
        sender = "ADMIN"
    redeem = Redeem(
        at=at,
        sender=sender,
        campaign=number,
        header=header,
        plans=tuple(plans),
        forced=forced,
    )
    return redeem if forced or rng.random() > 0.02 else spoiled(rng, redeem)


def spoiled(rng: Random, redeem: Redeem) -> Redeem:
    """A batch of a wrong length, or of nothing."""
    broken = (
        {"plans": ()},
        {"tail": rng.randbytes(rng.randint(1, 78))},
        {"cut": rng.randint(1, 70)},
        {"plans": (), "header": (), "cut": 1},
        {"header": redeem.header + (1,) * 200},
    )
    return replace(redeem, **rng.choice(broken))


def any_header(rng: Random, model: Model) -> tuple[int, ...]:
    """The merchants of a batch: mostly all there are, sometimes strange ones."""
    header = list(range(1, len(model.state.merchants) + 1))
    rng.shuffle(header)
    if rng.random() < 0.15:
        header.append(rng.choice((0, len(header) + 1, U32, *header)))
    return tuple(header[: rng.randint(0, 1) if rng.random() < 0.03 else None])


def _plan(rng: Random, court: Court, header: tuple[int, ...], old: list[Plan]) -> Plan:
    if old and rng.random() < 0.08:
        plan = readdressed(rng.choice(old), header)
    else:
        like = old[-1] if old and rng.random() < 0.06 else None
        plan = _fresh(rng, court, header, like)
        if rng.random() < 0.06:
            plan = tampered(rng, plan)
        old.append(plan)
    entry = entry_of(plan, header, court.model.separator)
    court.hear(entry, plan.head)
    return plan


def readdressed(plan: Plan, header: tuple[int, ...]) -> Plan:
    """An entry once more, pointing at its merchant where this batch's header has it."""
    merchant = plan.signed.merchant
    if merchant in header:
        return replace(plan, merchant_index=header.index(merchant))
    return plan


def entry_of(plan: Plan, header: tuple[int, ...], separator: bytes) -> Entry:
    """What a reader of the batch will see."""
    signature = plan.signature(separator)
    index = plan.merchant_index
    return Entry(
        step=plan.head & (2**21 - 1),
        merchant=header[index] if index < len(header) else 0,
        bill=plan.bill,
        amount=plan.amount,
        copay=plan.copay,
        maximum=plan.maximum,
        r=signature[:32],
        vs=signature[32:],
    )


def any_signer(rng: Random, court: Court) -> str:
    """Any holder, sometimes somebody without a pass."""
    state = court.model.state
    holders = [name for name in names().values() if address(name) in state.holders]
    return rng.choice((*holders, *holders, *SPARES[:2], *STRANGERS))


def good_signer(rng: Random, court: Court) -> str:
    """A holder whose pass the campaign takes now, if there is one; the first few more often."""
    likely = []
    for name in names().values():
        pass_ = court.model.state.pass_of(address(name))
        if pass_ and _is_good(court, pass_):
            likely.append(name)
    if not likely:
        return any_signer(rng, court)
    return rng.choice(likely[:3]) if rng.random() < 0.3 else rng.choice(likely)


def _is_good(court: Court, pass_: Pass) -> bool:
    now, campaign = court.now, court.campaign
    valid = pass_.valid_from <= now - 900 and not 0 < pass_.valid_until <= now
    known = campaign.lists(pass_.number) and campaign.terms.audience >> pass_.class_ & 1
    return bool(pass_.status == PassStatus.ACTIVE and valid and known)


def any_index(rng: Random, header: tuple[int, ...]) -> int:
    """Any place in the header, or one beyond its end."""
    return rng.choice((*range(len(header)), len(header), 255))


def good_index(rng: Random, court: Court, header: tuple[int, ...], pass_: Pass | None) -> int:
    """Where a merchant stands that takes part, if there is one."""
    terms, likely = court.campaign.terms, []
    for index, number in enumerate(header):
        shop = court.model.state.merchants.get(number)
        if shop and shop.status == 1 and terms.categories >> shop.category & 1:
            near = not (terms.same_district and pass_ and pass_.district != shop.district)
            if near and terms.districts >> shop.district & 1:
                likely.append(index)
    return rng.choice(likely) if likely else any_index(rng, header)


ODDITIES = ("signer", "step", "bill", "copay", "amount", "index", "maximum")


def _fresh(rng: Random, court: Court, header: tuple[int, ...], like: Plan | None) -> Plan:
    """An entry that should be taken, but for no, one or a few oddities; at times a second try of
    another one, by the same holder with the same bill and copay."""
    odd = set(rng.sample(ODDITIES, rng.choices((0, 1, 2, 5), (45, 40, 10, 5))[0]))
    signer = any_signer(rng, court) if "signer" in odd else good_signer(rng, court)
    if like is not None:
        signer = like.signer
    holder = address(signer)
    pass_ = court.model.state.pass_of(holder)
    step = (any_step if "step" in odd else good_step)(rng, court, pass_)
    signed_at = court.campaign.terms.starts + (step - 1) * STEP_SECONDS
    bill = (any_bill if "bill" in odd else good_bill)(rng, court)
    funds = max(court.copay_funds(holder), 0)
    copay = (any_copay if "copay" in odd else good_copay)(rng, bill, funds)
    if like is not None:
        bill, copay = like.bill, like.copay
    usage = court.usage(pass_.number if pass_ else 0)
    most = limits(court, usage, bill, copay, signed_at)
    amount = (any_amount if "amount" in odd else good_amount)(rng, most)
    index = any_index(rng, header)
    if "index" not in odd:
        index = good_index(rng, court, header, pass_)
    named = header[index] if index < len(header) else 0
    figures = Maximum(bill=bill, amount=amount, copay=copay)
    unnamed = rng.random() < (0.1 if court.forced else 0.3)
    maximum = any_maximum(rng, figures, odd="maximum" in odd) if unnamed else None
    signed = maximum or figures
    return Plan(
        signer=signer,
        head=step | (UNNAMED if unnamed else 0),
        merchant_index=index,
        bill=bill,
        amount=amount,
        copay=copay,
        maximum=maximum,
        signed=SignedRedemption(
            campaign=court.campaign.number,
            merchant=0 if unnamed else named,
            bill=signed.bill,
            amount=signed.amount,
            copay=signed.copay,
            signed_at=signed_at,
        ),
    )


def any_maximum(rng: Random, figures: Maximum, *, odd: bool) -> Maximum:
    """Maxima that hold the figures exactly or easily; odd ones, not quite."""

    def around(value: int, most: int) -> int:
        shift = rng.choice((-1, 0, 0)) if odd else rng.choice((0, 0, 1, 50))
        return min(max(value + shift, 0), most)

    return Maximum(
        bill=around(figures.bill, U32),
        amount=around(figures.amount, U24),
        copay=around(figures.copay, U32),
    )


def tampered(rng: Random, plan: Plan) -> Plan:
    """An entry that is not what its holder signed."""
    signed, drawn = plan.signed, rng.randrange(8)
    if drawn == 0:
        return replace(plan, twist=rng.choice(list(Twist)[1:]))
    if drawn == 1:
        return replace(plan, head=plan.head | rng.choice(RESERVED))
    if drawn == 2:
        return replace(plan, signed=replace(signed, campaign=signed.campaign + 1))
    if drawn == 3:
        return replace(plan, signed=replace(signed, merchant=signed.merchant + 1))
    if drawn == 4:
        return replace(plan, amount=min(plan.amount + 1, U24))
    if drawn == 5:
        return replace(plan, bill=min(plan.bill + 1, U32))
    if drawn == 6:
        return replace(plan, copay=min(plan.copay + 1, U32))
    return replace(plan, head=(plan.head & ~(2**21 - 1)) | (plan.head + 1) & (2**21 - 1))
