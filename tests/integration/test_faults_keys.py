"""Faults on the real chain: the sequencer's key is stolen, and officers who turn rogue."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.city import ROLES
from ledger.chain.artifacts import CONTRACTS, load_artifact
from ledger.chain.encoding import encode_call, encode_values, functions
from ledger.chain.gateway import Gateway
from ledger.domain.clock import signed_at_of
from ledger.domain.hashing import keccak
from ledger.domain.reasons import Reason
from ledger.domain.redemption import pack_batch, pack_records
from ledger.domain.signatures import sign
from ledger.domain.typed_data import redemption_digest, void_digest
from tests.conftest import City
from tests.integration.faults import ask, attempt, attempt_bytes, bring, totals
from tests.integration.story import Story

TABLE = json.loads(
    (Path(__file__).resolve().parents[1] / "vectors" / "roles.json").read_text(encoding="utf-8")
)
UNAUTHORISED = frozenset(
    {
        "AccessManagedUnauthorized",
        "AccessManagerUnauthorizedAccount",
        "AccessManagerUnauthorizedCall",
        "AccessManagerUnauthorizedConsume",
        "AccessManagerUnauthorizedCancel",
        "AccessManagerBadConfirmation",
        "AccessManagerNotScheduled",
    }
)


@pytest.fixture
async def story(gateway: Gateway, city: City) -> Story:
    opened = Story(gateway=gateway, city=city)
    await opened.enrol(4)
    await opened.register(2)
    return opened


def plain_value(kind: str, thief: str) -> Any:
    """A harmless-looking argument of a type; an address is always the thief's own."""
    if kind.endswith("[]"):
        return []
    if kind.startswith("("):
        return tuple(plain_value(part, thief) for part in kind[1:-1].split(","))
    if kind == "address":
        return thief
    if kind == "bool":
        return True
    if kind == "string":
        return "mine"
    if kind.startswith("bytes"):
        size = kind.removeprefix("bytes")
        # Bytes are somebody's calldata: minting for the thief.
        return bytes(int(size)) if size else encode_call("CityToken", "mint", thief, 1, bytes(32))
    return 1


def restricted(contract: str) -> set[str]:
    """The functions of a contract that need a role, by signature."""
    return {
        signature
        for of_role in TABLE["functions"].get(contract, {}).values()
        for signature in of_role
    }


def entry_points() -> list[tuple[str, str]]:
    """Every function of every contract that can change anything."""
    found = []
    for contract in CONTRACTS:
        changing = {
            entry["name"]
            for entry in load_artifact(contract).entries("function")
            if entry["stateMutability"] in ("nonpayable", "payable")
        }
        found += [(contract, key) for key, of in functions(contract).items() if of.name in changing]
    return found


@pytest.mark.parametrize("role", [role for role in ROLES if role != "ADMIN"])
async def test_f10_a_stolen_key_tries_every_entry_point_and_has_only_its_own_role(
    story: Story, role: str
) -> None:
    """The sequencer's key above all: but the same is asked of every key that is not the admin's."""
    thief = story.city.signers[role].address
    await story.campaign(1)
    before = await totals(story)
    tried = 0
    for contract, function in entry_points():
        form = functions(contract)[function]
        spelled = f"{form.name}({','.join(form.input_types)})"
        own = TABLE["functions"].get(contract, {}).get(role, [])
        needs_a_role = spelled in restricted(contract) and spelled not in own
        if not needs_a_role and contract != "AccessManager" and form.name != "setAuthority":
            continue
        values = [plain_value(kind, thief) for kind in form.input_types]
        data = form.selector + encode_values(form.input_types, values, what=form.name)
        attempted = await attempt_bytes(story, thief, story.address(contract), data)
        tried += 1
        # An empty multicall does nothing, and renouncing takes only from whoever does it. Consuming
        # asks the caller first, who is no contract and cannot answer.
        if form.name == "consumeScheduledOp":
            assert attempted.error, spelled
        elif form.name not in ("multicall", "renounceRole"):
            assert attempted.error in UNAUTHORISED, (spelled, attempted.error)
    assert tried > 25
    assert await totals(story) == before


async def test_f10_the_sequencers_key_cannot_forge_redirect_mint_or_take(story: Story) -> None:
    terms = await story.campaign(1)
    await story.pocket_money(0, 5_000)
    sequencer = story.city.signers["SEQUENCER"]
    step = await story.step(terms)
    good = story.entry(1, terms, 0, step, merchant=1, copay=100)
    message = good.signed(1, signed_at_of(terms.starts, step))
    r, vs = sign(redemption_digest(story.city.deployment.domain_separator, message), _key(story))
    before = await totals(story)
    forged = {
        "signed by the sequencer": replace(good, r=r, vs=vs),
        "another shop": replace(good, merchant=2),
        "a greater amount": replace(good, amount=good.amount + 1),
        "a greater copay": replace(good, copay=good.copay + 1),
        "a later time": replace(good, step=step + 1),
    }
    for said, entry in forged.items():
        assert (await bring(story, 1, [entry])).reasons == [Reason.SIGNATURE_INVALID], said
    me, resident, book = sequencer.address, story.residents[0].address, story.address("CouponBook")
    taking: list[tuple[str, tuple[Any, ...]]] = [
        ("transferFrom", (resident, me, 1)),
        ("transferFrom", (book, me, 1)),
        ("transfer", (me, 1)),
        ("mint", (me, 1, bytes(32))),
        ("setCityAccount", (me, True)),
    ]
    for function, arguments in taking:
        assert (await attempt(story, me, "CityToken", function, *arguments)).error, function
    assert await totals(story) == before
    # What was signed is still taken as it was signed: the key can delay and nothing else.
    assert len((await bring(story, 1, [good])).redeemed) == 1


def _key(story: Story) -> bytes:
    return story.city.signers["SEQUENCER"].private_key


async def test_f10_the_sequencers_key_cannot_void_what_a_merchant_took(story: Story) -> None:
    terms = await story.campaign(1)
    entry = story.entry(1, terms, 0, await story.step(terms))
    (record,) = (await bring(story, 1, [entry])).redeemed
    before, now = await totals(story), await story.now()
    digest = void_digest(
        story.city.deployment.domain_separator,
        campaign=1,
        pass_number=1,
        merchant=1,
        amount=1,
        signed_at=signed_at_of(terms.starts, record.step),
        voided_at=now,
    )
    r, vs = sign(digest, _key(story))
    holder, me = story.residents[0].address, story.city.signers["SEQUENCER"].address
    void = (1, 1, pack_records([record]), 0, holder, 1, now, r, vs)
    attempted = await attempt(story, me, "CouponBook", "void", *void)
    assert attempted.error == "CouponBook_VoidNotSigned"
    assert await totals(story) == before


async def test_f10_a_stolen_sequencer_key_is_rotated_in_one_transaction(story: Story) -> None:
    terms = await story.campaign(1)
    stolen, fresh = story.city.signers["SEQUENCER"].address, "0x" + "5e" * 20
    role = ROLES["SEQUENCER"]
    calls = [
        encode_call("AccessManager", "revokeRole", role, stolen),
        encode_call("AccessManager", "grantRole", role, fresh, 0),
    ]
    await story.tell("ADMIN", "AccessManager", "multicall", calls)
    packed = pack_batch([story.entry(1, terms, 0, await story.step(terms))])
    by_thief = await attempt(story, stolen, "CouponBook", "redeem", 1, packed)
    assert by_thief.error == "AccessManagedUnauthorized"
    by_successor = await attempt(story, fresh, "CouponBook", "redeem", 1, packed)
    assert len(by_successor.redeemed) == 1


async def test_f12_a_rogue_officer_alone_opens_nothing_and_spends_nothing(story: Story) -> None:
    officer = story.city.signers["CAMPAIGN_OFFICER"].address
    await story.campaign(1)
    before = await totals(story)
    greedy = await story.terms(share_basis_points=10_000, allowance=2**24 - 1, per_day_max=0)
    assert (await attempt(story, officer, "CouponBook", "draft", greedy)).error == ""
    for function in ("approve", "issue", "resume", "pause"):
        attempted = await attempt(story, officer, "CouponBook", function, 2)
        assert attempted.error == "AccessManagedUnauthorized", function
    entry = story.entry(2, greedy, 0, await story.step(greedy))
    assert (await bring(story, 2, [entry])).error == "CouponBook_WrongStatus"
    assert await totals(story) == before


async def test_f12_one_person_with_three_roles_is_still_one_person(story: Story) -> None:
    rogue = "0x" + "be" * 20
    for role in ("CAMPAIGN_OFFICER", "APPROVER", "ISSUER"):
        await story.tell("ADMIN", "AccessManager", "grantRole", ROLES[role], rogue, 0)
    terms = await story.terms()
    assert (await attempt(story, rogue, "CouponBook", "draft", terms)).error == ""
    assert (await attempt(story, rogue, "CouponBook", "approve", 1)).error == (
        "CouponBook_SamePerson"
    )
    await story.tell("APPROVER", "CouponBook", "approve", 1)
    assert (await attempt(story, rogue, "CouponBook", "issue", 1)).error == "CouponBook_SamePerson"
    # The approver of another's campaign cannot be its issuer either.
    await story.tell("CAMPAIGN_OFFICER", "CouponBook", "draft", terms)
    assert (await attempt(story, rogue, "CouponBook", "approve", 2)).error == ""
    assert (await attempt(story, rogue, "CouponBook", "issue", 2)).error == "CouponBook_SamePerson"


async def test_f12_a_campaign_opened_by_three_rogues_spends_no_satang_of_another(
    story: Story,
) -> None:
    """Officer, approver, issuer and sequencer together: without a funder there is no budget."""
    honest = await story.campaign(1)
    generous = {"share_basis_points": 10_000, "allowance": 2**24 - 1, "per_day_max": 0}
    rogue = await story.terms(**generous)
    await story.tell("CAMPAIGN_OFFICER", "CouponBook", "draft", rogue)
    await story.tell("APPROVER", "CouponBook", "approve", 2)
    await story.tell("ISSUER", "CouponBook", "issue", 2)
    before = await totals(story)
    step = await story.step(rogue)
    entries = [story.entry(2, rogue, n, step, bill=9_000, amount=9_000) for n in range(4)]
    assert (await bring(story, 2, entries)).reasons == [Reason.BUDGET_USED] * 4
    assert await totals(story) == before
    entry = story.entry(1, honest, 0, await story.step(honest))
    assert len((await bring(story, 1, [entry])).redeemed) == 1


async def test_f12_an_officer_with_a_delay_is_seen_before_he_acts_and_can_be_stopped(
    story: Story,
) -> None:
    rogue, day = "0x" + "de" * 20, 86_400
    role = ROLES["CAMPAIGN_OFFICER"]
    await story.tell("ADMIN", "AccessManager", "grantRole", role, rogue, day)
    terms = await story.terms()
    at_once = await attempt(story, rogue, "CouponBook", "draft", terms)
    assert at_once.error == "AccessManagerNotScheduled"
    book, data = story.address("CouponBook"), encode_call("CouponBook", "draft", terms)
    scheduled = await attempt(story, rogue, "AccessManager", "schedule", book, data, 0)
    assert [type(event).__name__ for event in scheduled.told] == ["OperationScheduled"]
    too_early = await attempt(story, rogue, "AccessManager", "execute", book, data)
    assert too_early.error == "AccessManagerNotReady"
    await story.tell("ADMIN", "AccessManager", "cancel", rogue, book, data)
    await story.gateway.rpc("evm_increaseTime", [day + 1])
    await story.gateway.rpc("evm_mine", [])
    stopped = await attempt(story, rogue, "AccessManager", "execute", book, data)
    assert stopped.error == "AccessManagerNotScheduled"
    assert await ask(story, "CouponBook", "lastCampaign") == (0,)


async def test_f12_terms_cannot_be_changed_after_they_were_approved(story: Story) -> None:
    terms = await story.terms()
    await story.tell("CAMPAIGN_OFFICER", "CouponBook", "draft", terms)
    await story.tell("APPROVER", "CouponBook", "approve", 1)
    (before,) = await ask(story, "CouponBook", "campaignOf", 1)
    officer = story.city.signers["CAMPAIGN_OFFICER"].address
    richer = replace(terms, policy_hash=keccak(b"a feast"), allowance=2**24 - 1)
    await attempt(story, officer, "CouponBook", "draft", richer)
    (after,) = await ask(story, "CouponBook", "campaignOf", 1)
    assert after == before
    assert await ask(story, "CouponBook", "lastCampaign") == (2,)
