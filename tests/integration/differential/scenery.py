"""Random cities: who lives there, which shops there are, and what the campaigns' terms say."""

from dataclasses import replace
from random import Random

from ledger.domain.campaign import Terms
from ledger.domain.hashing import ZERO_ADDRESS, keccak
from ledger.domain.listing import list_count, list_hash, words_of
from tests.integration.differential.actions import Tell
from tests.integration.differential.model import INFINITE, Model
from tests.integration.differential.people import RESIDENTS, SHOPS, address
from tests.integration.differential.stage import DUMMIES

HOUR, DAY = 3_600, 86_400
CLASSES = (0, 1, 2, 5, 31)
PLACES = (0, 1, 2, 63)
U24 = 2**24 - 1
EVERY_HOUR = 2**168 - 1
SIX_TO_ELEVEN = sum(((1 << 23) - (1 << 6)) << 24 * day for day in range(7))

SCALES = (12, 400, 20_000, 500_000, U24)
"""How large allowances are: the small ones are used up within a history."""


def mask(rng: Random, values: tuple[int, ...], bits: int) -> int:
    """A mask with most of some values set, never empty."""
    if rng.random() < 0.6:
        return (1 << bits) - 1
    chosen = sum(1 << value for value in values if rng.random() < 0.8)
    return chosen or 1 << rng.choice(values)


def open_hours(rng: Random) -> int:
    """All hours, every day's 06 to 23, any, or one."""
    drawn = rng.random()
    if drawn < 0.4:
        return EVERY_HOUR
    if drawn < 0.85:
        return SIX_TO_ELEVEN
    return rng.getrandbits(168) or 1 if drawn < 0.95 else 1 << rng.randrange(168)


def window(rng: Random, now: int) -> tuple[int, int]:
    """When a campaign runs: begun long ago, just now or not yet; for a minute or for a year."""
    starts = now + rng.choice((-30 * DAY, -2 * DAY, -DAY, -DAY, -HOUR, -HOUR, -60, 0, 45, HOUR))
    starts += rng.choice((0, 1, 7, 14, -rng.randrange(HOUR)))
    length = rng.choice((HOUR, DAY, 3 * DAY, 20 * DAY, 90 * DAY, 364 * DAY))
    length -= rng.choice((0, 0, 1, 14, rng.randrange(15)))
    if starts + length <= now + 300:
        length = min(now - starts + rng.choice((300, HOUR, 2 * DAY, 10 * DAY)), 364 * DAY)
    return starts, starts + length


def terms(rng: Random, model: Model, now: int, listed: tuple[int, ...]) -> Terms:
    """A policy; `listed` are the passes of its list, none for everyone."""
    starts, ends = window(rng, now)
    allowance = rng.randint(1, rng.choice(SCALES))
    words = words_of(listed) if listed else {}
    first_use_by = rng.choice((0, 0, 0, 0, ends, rng.randint(now, ends), now + HOUR))
    return Terms(
        policy_hash=keccak(rng.randbytes(8)),
        token=model.token,
        starts=starts,
        ends=ends,
        first_use_by=min(max(first_use_by, starts), ends) if first_use_by else 0,
        share_basis_points=rng.choice((1, 3_333, 5_000, 6_000, 9_999, 10_000, 10_000)),
        allowance=allowance,
        per_use_max=rng.choice((0, 0, rng.randint(1, allowance))),
        per_day_max=rng.choice((0, min(rng.randint(1, allowance), 2**19 - 1))),
        bill_min=rng.choice((0, 0, 1, rng.randint(0, allowance // 2))),
        audience=mask(rng, CLASSES, 32),
        categories=mask(rng, PLACES, 64),
        districts=mask(rng, PLACES, 64),
        open_hours=open_hours(rng),
        same_district=rng.random() < 0.1,
        list_hash=list_hash(words),
        list_count=list_count(words),
    )


def impossible(rng: Random, possible: Terms, now: int) -> Terms:
    """Terms changed so that no campaign should have them; sometimes only almost."""
    starts = possible.starts
    changes = rng.choice(
        (
            {"policy_hash": bytes(32)},
            {"token": ZERO_ADDRESS},
            {"ends": starts},
            {"ends": starts + 364 * DAY + rng.randint(0, 1), "first_use_by": 0},
            {"starts": now - 100, "ends": now + rng.randint(-1, 1), "first_use_by": 0},
            {"first_use_by": starts - rng.randint(0, 1)},
            {"first_use_by": possible.ends + rng.randint(0, 1)},
            {"share_basis_points": rng.choice((0, 10_000, 10_001))},
            {"allowance": 0},
            {"per_day_max": 2**19 - rng.randint(0, 1)},
            {"audience": 0},
            {"categories": 0},
            {"districts": 0},
            {"open_hours": 0},
            {"list_count": 0 if possible.list_count else 1},
            {"list_hash": bytes(32) if possible.list_count else keccak(b"a list")},
        )
    )
    return replace(possible, **changes)


def population(rng: Random, now: int) -> list[Tell]:
    """Passes in a few groups, merchants, and money for some."""
    told: list[Tell] = []
    residents = list(RESIDENTS[: rng.randint(3, len(RESIDENTS))])
    rng.shuffle(residents)
    while residents:
        group = [residents.pop() for _ in range(min(len(residents), rng.randint(1, 5)))]
        since = rng.choice((0, 0, 0, 0, 0, now - DAY, now + rng.randint(0, HOUR)))
        until = rng.choice((0, 0, 0, 0, 0, now + DAY, now + rng.randint(1, 9 * DAY)))
        holders = b"".join(bytes.fromhex(address(name)[2:]) for name in group)
        until = until if until > since else 0
        place = (rng.choice(CLASSES), rng.choice(PLACES))
        told.append(_by("REGISTRAR", "CityPass", "enrol", *place, since, until, holders))
    for shop in SHOPS[: rng.randint(1, 5)]:
        place = (rng.choice(PLACES), rng.choice(PLACES))
        told.append(_by("REGISTRAR", "MerchantRegistry", "register", address(shop), *place))
    return told


def money(rng: Random, book: str) -> list[Tell]:
    """Tokens for residents' copays and for the funders, and the book's leave to take them."""
    told: list[Tell] = []
    for name in rng.sample(RESIDENTS, rng.randint(0, 6)):
        amount = rng.choice((1, 50, 5_000, 2_000_000))
        allowed = rng.choice((amount, amount, amount - 1, amount + 1, INFINITE))
        told.append(_by("TREASURER", "CityToken", "mint", address(name), amount, bytes(32)))
        told.append(_by(name, "CityToken", "approve", book, allowed))
    for name in ("FUNDER_CITY", "FUNDER_PARTNER"):
        told.append(_by("TREASURER", "CityToken", "mint", address(name), 10**9, bytes(32)))
        told.append(_by(name, "CityToken", "approve", book, INFINITE))
    return told


def campaign(rng: Random, model: Model, number: int, now: int) -> list[Tell]:
    """A campaign from its draft to its coupons, funded in parts."""
    last = len(model.state.passes)
    listed: tuple[int, ...] = ()
    if rng.random() < 0.3:
        numbers = range(DUMMIES - 3, last + 3)
        listed = tuple(rng.sample(numbers, rng.randint(len(numbers) // 3, len(numbers))))
    policy = terms(rng, model, now, listed)
    told = [_by("CAMPAIGN_OFFICER", "CouponBook", "draft", policy)]
    told.append(_by("APPROVER", "CouponBook", "approve", number))
    told += [_fund(rng, number, policy) for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 2, 2, 3, 3)))]
    words = words_of(listed) if listed else {}
    if not listed:
        told.append(_by("ISSUER", "CouponBook", "issue", number))
    elif rng.random() < 0.5:
        first, last_word = min(words), max(words)
        row = [words.get(index, 0) for index in range(first, last_word + 1)]
        told.append(_by("ISSUER", "CouponBook", "issueList", number, first, row))
    else:
        for index, word in words.items():
            told.append(_by("ISSUER", "CouponBook", "issueList", number, index, [word]))
    return told


def _fund(rng: Random, number: int, policy: Terms) -> Tell:
    amount = rng.randint(1, policy.allowance * rng.choice((1, 10, 50)))
    funder = rng.choice(("FUNDER_CITY", "FUNDER_PARTNER"))
    return _by(funder, "CouponBook", "fund", number, amount)


def _by(sender: str, contract: str, function: str, *arguments: object) -> Tell:
    return Tell(at=0, sender=sender, contract=contract, function=function, arguments=arguments)
