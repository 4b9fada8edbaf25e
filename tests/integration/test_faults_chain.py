"""Faults on the real chain: replays, other cities, bad entries, races, altered lists."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.city import ROLES, one_key_each
from deploy.deploy import deploy
from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.encoding import encode_call
from ledger.chain.gateway import Gateway
from ledger.chain.signer import DevSigner
from ledger.domain.campaign import CampaignStatus, Terms
from ledger.domain.clock import signed_at_of
from ledger.domain.hashing import keccak
from ledger.domain.listing import list_count, list_hash, words_of
from ledger.domain.reasons import Reason
from ledger.domain.redemption import ENTRIES_MAX, Entry, Maximum, pack_batch
from ledger.domain.signatures import sign
from ledger.domain.typed_data import domain_separator, redemption_digest
from tests.conftest import FUNDERS, NOON, City
from tests.integration.faults import PASSER_BY, ask, attempt, bring, totals
from tests.integration.story import Story

SPENT = Reason.ALREADY_SPENT
INVALID = Reason.SIGNATURE_INVALID


@pytest.fixture
async def story(gateway: Gateway, city: City) -> Story:
    return Story(gateway=gateway, city=city)


async def town(story: Story, residents: int = 6, shops: int = 2) -> Terms:
    """Residents, shops and campaign 1."""
    await story.enrol(residents)
    await story.register(shops)
    return await story.campaign(1)


async def later(story: Story, seconds: int) -> None:
    await story.gateway.rpc("evm_increaseTime", [seconds])
    await story.gateway.rpc("evm_mine", [])


# F2: accepted redemptions again


async def test_f2_every_accepted_redemption_replayed_singly_and_in_batches_moves_nothing(
    story: Story,
) -> None:
    terms = await town(story)
    await story.pocket_money(1, 4_000)
    step = await story.step(terms) - 4
    entries = [story.entry(1, terms, n, step, merchant=1 + n % 2) for n in range(6)]
    entries.append(story.entry(1, terms, 1, step + 1, copay=2_001))
    maximum = Maximum(bill=20_000, amount=9_000, copay=0)
    entries.append(story.entry(1, terms, 2, step + 1, maximum=maximum))
    assert len((await bring(story, 1, entries)).redeemed) == 8
    before = await totals(story)

    whole = [*entries, *reversed(entries), *entries]
    for again in ([entry] for entry in entries):
        assert (await bring(story, 1, again)).reasons == [SPENT]
    for order in (entries, entries[::-1], whole):
        attempted = await bring(story, 1, order)
        assert attempted.reasons == [SPENT] * len(order)
        assert not attempted.redeemed
    # The same signature with other figures below its maximum is no second redemption either.
    cheaper = replace(entries[-1], bill=8_000, amount=4_000, merchant=2)
    assert (await bring(story, 1, [cheaper])).reasons == [SPENT]
    await later(story, 1_000)
    for entry in entries[:7]:
        forced = await bring(story, 1, [entry], forced=True)
        assert forced.arguments == {"index": 0, "reason": SPENT}
    assert await totals(story) == before


async def test_f2_a_voided_redemption_is_not_redeemed_again_nor_voided_twice(story: Story) -> None:
    terms = await town(story)
    await story.pocket_money(0, 4_000)
    entry = story.entry(1, terms, 0, await story.step(terms), copay=1_000)
    (record,) = (await bring(story, 1, [entry])).redeemed
    sent = await story.void(1, terms, 1, [record], 0, record.amount, resident=0)
    before = await totals(story)
    transaction = await story.gateway.transaction(sent)
    assert transaction is not None
    void = bytes.fromhex(transaction["input"][2:])
    arguments = {"from": PASSER_BY, "to": transaction["to"], "data": "0x" + void.hex()}
    answer = await story.gateway.rpc(
        "eth_simulateV1", [{"blockStateCalls": [{"calls": [arguments]}]}, "latest"]
    )
    assert answer[0]["calls"][0]["status"] == "0x0"
    assert (await bring(story, 1, [entry])).reasons == [SPENT]
    assert await totals(story) == before


# F3: meant for another city


async def test_f3_a_signature_for_a_twin_on_another_chain_or_another_book_is_refused(
    story: Story, tmp_path: Path
) -> None:
    terms = await town(story)
    step = await story.step(terms)
    here = story.city.deployment
    other_chain = domain_separator(1337, here.contracts["CouponBook"].address)
    other_book = domain_separator(here.chain_id, here.contracts["CityPass"].address)
    at_home = story.entry(1, terms, 0, step)
    message = at_home.signed(1, signed_at_of(terms.starts, step))
    before = await totals(story)
    for separator in (other_chain, other_book, bytes(32), keccak(here.domain_separator)):
        r, vs = sign(redemption_digest(separator, message), story.residents[0].private_key)
        assert (await bring(story, 1, [replace(at_home, r=r, vs=vs)])).reasons == [INVALID]
    assert await totals(story) == before
    assert (await bring(story, 1, [at_home])).reasons == []

    # The other way round, on a real twin: another chain id, the same addresses, people and terms.
    async with Devnet(DevnetOptions(genesis_time=NOON, chain_id=1337)) as devnet:
        twin = await _twin(story, devnet, tmp_path)
        async with Gateway(devnet.rpc_url) as gateway:
            there = Story(gateway=gateway, city=twin)
            assert (
                twin.deployment.contracts["CouponBook"].address
                == here.contracts["CouponBook"].address
            )
            await there.enrol(6)
            await there.register(2)
            terms_there = await there.campaign(1)
            step = await there.step(terms_there)
            stolen = story.entry(1, terms_there, 0, step)
            assert (await bring(there, 1, [stolen])).reasons == [INVALID]
            own = there.entry(1, terms_there, 0, step)
            assert len((await bring(there, 1, [own])).redeemed) == 1


async def _twin(story: Story, devnet: Devnet, directory: Path) -> City:
    signers = story.city.signers
    accounts = tuple(signers[name].address for name in ("TREASURER", *FUNDERS))
    keys = {role: signers[role].address for role in ROLES}
    config = one_key_each(keys, city_accounts=accounts)
    deployment = await deploy(devnet.rpc_url, signers["ADMIN"], config, directory)
    return City(rpc_url=devnet.rpc_url, deployment=deployment, signers=signers)


async def test_f3_a_signature_for_another_book_of_the_same_chain_is_refused(
    story: Story, tmp_path: Path
) -> None:
    terms = await town(story)
    devnet_url, signers = story.city.rpc_url, story.city.signers
    accounts = tuple(signers[name].address for name in ("TREASURER", *FUNDERS))
    config = one_key_each(
        {role: signers[role].address for role in ROLES if role != "ADMIN"}
        | {"ADMIN": DevSigner.numbered(12).address},
        city_accounts=accounts,
    )
    deployment = await deploy(devnet_url, DevSigner.numbered(12), config, tmp_path)
    twin = City(rpc_url=devnet_url, deployment=deployment, signers=signers)
    there = Story(gateway=story.gateway, city=twin)
    await there.enrol(6)
    await there.register(2)
    terms_there = await there.campaign(1)
    step = await there.step(terms_there)
    assert (await bring(there, 1, [story.entry(1, terms_there, 0, step)])).reasons == [INVALID]
    step = await story.step(terms)
    assert (await bring(story, 1, [there.entry(1, terms, 0, step)])).reasons == [INVALID]


async def test_f3_a_signature_for_another_campaign_is_refused(story: Story) -> None:
    terms = await town(story)
    second = await story.campaign(2)
    step = await story.step(second)
    for_second = story.entry(2, second, 0, step)
    for_first = story.entry(1, terms, 0, await story.step(terms))
    before = await totals(story, (1, 2))
    assert (await bring(story, 1, [for_second])).reasons == [INVALID]
    assert (await bring(story, 2, [for_first])).reasons == [INVALID]
    assert await totals(story, (1, 2)) == before
    assert len((await bring(story, 2, [for_second])).redeemed) == 1


# F25: bad entries among good ones


async def test_f25_whichever_entries_of_a_batch_are_bad_exactly_the_others_settle(
    story: Story,
) -> None:
    terms = await town(story)
    step = await story.step(terms) - 70
    bad_kinds = itertools.cycle(("signature", "merchant", "amount", "step"))
    for bad in range(64):
        entries, expected = [], []
        for n in range(6):
            good = story.entry(1, terms, n, step + bad, bill=100, amount=50)
            kind = next(bad_kinds) if bad >> n & 1 else ""
            entries.append(_spoiled(story, terms, n, good, kind))
            if not kind:
                expected.append(n + 1)
        attempted = await bring(story, 1, entries)
        assert [record.pass_number for record in attempted.redeemed] == expected
        assert [record.index for record in attempted.refused] == [
            n for n in range(6) if bad >> n & 1
        ]
    # Each of the six was good in half of the 64 batches.
    assert await ask(story, "CouponBook", "credits", 1, 1) == (6 * 32 * 50, 0, 0, 0)


def _spoiled(story: Story, terms: Terms, resident: int, good: Entry, kind: str) -> Entry:
    match kind:
        case "signature":
            return replace(good, r=keccak(good.r))
        case "merchant":
            return story.entry(1, terms, resident, good.step, merchant=99, bill=100, amount=50)
        case "amount":
            return story.entry(1, terms, resident, good.step, bill=100, amount=51)
        case "step":
            return story.entry(1, terms, resident, good.step + 5_000, bill=100, amount=50)
        case _:
            return good


async def test_f25_one_bad_entry_at_either_end_of_a_full_batch_leaves_299(story: Story) -> None:
    terms = await town(story)
    step = await story.step(terms) - 150
    good = [
        story.entry(1, terms, n % 6, step + n // 6, bill=10, amount=5) for n in range(ENTRIES_MAX)
    ]
    await later(story, 3_600)
    for at in (0, ENTRIES_MAX // 2, ENTRIES_MAX - 1):
        snapshot = await story.gateway.rpc("evm_snapshot")
        entries = [*good]
        entries[at] = replace(good[at], vs=bytes(32))
        attempted = await bring(story, 1, entries)
        assert len(attempted.redeemed) == ENTRIES_MAX - 1
        assert [(of.index, of.reason) for of in attempted.refused] == [(at, INVALID)]
        await story.gateway.rpc("evm_revert", [snapshot])


# F27: the merchant's hand and the sequencer's


@pytest.mark.parametrize("first", ["forced", "sequenced"])
async def test_f27_forced_and_sequenced_in_one_block_count_once(story: Story, first: str) -> None:
    terms = await town(story)
    step = await story.step(terms)
    entries = [story.entry(1, terms, n, step) for n in range(3)]
    await later(story, 901)
    rpc, book = story.gateway.rpc, story.address("CouponBook")
    sequencer = story.city.signers["SEQUENCER"].address
    calls = {
        "forced": (
            PASSER_BY,
            encode_call("CouponBook", "forceRedeem", 1, pack_batch(entries[1:2])),
        ),
        "sequenced": (sequencer, encode_call("CouponBook", "redeem", 1, pack_batch(entries))),
    }
    await rpc("anvil_setBalance", [PASSER_BY, hex(10**20)])
    await rpc("evm_setAutomine", [False])
    hashes = {}
    for name, (sender, data) in calls.items():
        await rpc("anvil_impersonateAccount", [sender])
        tip = 10**10 if name == first else 10**9
        call = {"from": sender, "to": book, "data": "0x" + data.hex(), "gas": hex(8_000_000)}
        fees = {"maxFeePerGas": hex(10 * tip), "maxPriorityFeePerGas": hex(tip)}
        hashes[name] = await rpc("eth_sendTransaction", [{**call, **fees}])
    await rpc("evm_mine", [])
    await rpc("evm_setAutomine", [True])
    receipts = {name: await story.gateway.receipt(sent) for name, sent in hashes.items()}
    blocks = {receipt["blockHash"] for receipt in receipts.values() if receipt}
    assert len(blocks) == 1, "both stand in one block"
    forced, sequenced = receipts["forced"], receipts["sequenced"]
    assert forced is not None and sequenced is not None
    assert sequenced["status"] == "0x1"
    assert forced["status"] == ("0x1" if first == "forced" else "0x0")
    (amount, *_) = await ask(story, "CouponBook", "credits", 1, 1)
    assert amount == 15_000
    for number in (1, 2, 3):
        usage = await ask(story, "CouponBook", "usageOf", 1, number)
        assert usage == (step, 5_000, 5_000)


# F29: the list between approval and issue


async def test_f29_a_list_altered_between_approval_and_issue_gives_nobody_a_coupon(
    story: Story,
) -> None:
    await story.enrol(4)
    await story.register(1)
    passes = [1, 3, 255, 256, 700]
    words = words_of(passes)
    terms = await story.terms(list_hash=list_hash(words), list_count=list_count(words))
    await story.tell("CAMPAIGN_OFFICER", "CouponBook", "draft", terms)
    await story.tell("APPROVER", "CouponBook", "approve", 1)
    await story.fund(1, 100_000)
    issuer = story.city.signers["ISSUER"].address
    row = [words.get(index, 0) for index in range(3)]
    one_bit = [row[0] ^ 1 << 5 ^ 1 << 3, row[1], row[2]]
    altered = {
        "one pass for another": (0, one_bit),
        "one pass more": (0, [row[0] | 1 << 2, *row[1:]]),
        "two for one": (0, [row[0] | 1 << 2, row[1], row[2] ^ 1 << 700 % 256 ^ 1 << 1]),
        "another order": (0, [row[1], row[0], row[2]]),
        "moved by a word": (1, row),
        "moved by 256 words": (256, row),
    }
    for said, (first, changed) in altered.items():
        tried = await attempt(story, issuer, "CouponBook", "issueList", 1, first, changed)
        assert tried.error == "CouponBook_ListMismatch", said
        (campaign,) = await ask(story, "CouponBook", "campaignOf", 1)
        assert campaign[1] == CampaignStatus.APPROVED, said
        for number in (*passes, 2, 5):
            assert await ask(story, "CouponBook", "isListed", 1, number) == (False,), said
    # One pass fewer is a beginning that can still be completed, and opens nothing.
    fewer = await attempt(story, issuer, "CouponBook", "issueList", 1, 0, row[:2])
    assert fewer.error == ""
    early = await bring(story, 1, [story.entry(1, terms, 0, await story.step(terms))])
    assert early.error == "CouponBook_WrongStatus"
    backwards = await attempt(story, issuer, "CouponBook", "issueList", 1, 1, row[1:2])
    assert backwards.error == "CouponBook_ListOutOfOrder"
    await story.tell("ISSUER", "CouponBook", "issueList", 1, 2, row[2:])
    more = await attempt(story, issuer, "CouponBook", "issueList", 1, 3, [1])
    assert more.error == "CouponBook_WrongStatus"
    entries = [story.entry(1, terms, n, await story.step(terms)) for n in range(4)]
    attempted = await bring(story, 1, entries)
    assert [record.pass_number for record in attempted.redeemed] == [1, 3]
    assert attempted.reasons == [Reason.NOT_ON_LIST, Reason.NOT_ON_LIST]
