"""Faults on the real chain: packed entries with a bit changed, and the twins of signatures."""

import os
from random import Random
from typing import Any

import pytest

from ledger.chain.decoding import decode_log
from ledger.chain.encoding import encode_call
from ledger.chain.gateway import Gateway
from ledger.chain.signer import KeySigner
from ledger.domain import events
from ledger.domain.campaign import Terms
from ledger.domain.hashing import keccak
from ledger.domain.reasons import Reason
from ledger.domain.redemption import (
    ENTRIES_MAX,
    Entry,
    Maximum,
    RedeemedRecord,
    pack_batch,
    unpack_records,
)
from ledger.domain.signatures import ORDER, compact, recover, sign
from ledger.errors import SignatureInvalid
from tests.conftest import City
from tests.integration.faults import LOW_HALF, bring, totals, twins_of
from tests.integration.story import Story, key_of

TWINS = int(os.environ.get("FAULT_TWINS", "1000"))
"""Thousands; `make faults` turns ten."""


@pytest.fixture
async def story(gateway: Gateway, city: City) -> Story:
    opened = Story(gateway=gateway, city=city)
    await opened.enrol(8)
    await opened.register(3)
    return opened


async def would_take(story: Story, batches: list[bytes]) -> list[list[RedeemedRecord] | None]:
    """What the chain would take of each batch if the sequencer brought it now; None for a batch
    that is refused as a whole. Nothing is changed: each is asked of the same state."""
    sequencer, book = story.city.signers["SEQUENCER"].address, story.address("CouponBook")
    calls: list[tuple[str, list[Any]]] = []
    for batch in batches:
        data = "0x" + encode_call("CouponBook", "redeem", 1, batch).hex()
        call = {"from": sequencer, "to": book, "data": data}
        calls.append(("eth_simulateV1", [{"blockStateCalls": [{"calls": [call]}]}, "latest"]))
    return [_taken(answer) for answer in await story.gateway.batch(calls)]


def _taken(answer: list[dict[str, Any]]) -> list[RedeemedRecord] | None:
    (call,) = answer[0]["calls"]
    if call["status"] != "0x1":
        return None
    told = [decode_log(log) for log in call["logs"]]
    batches = [event.records for event in told if isinstance(event, events.Redeemed)]
    return [record for records in batches for record in unpack_records(records)]


def flips(batch: bytes, rng: Random, pairs: int) -> list[tuple[tuple[int, ...], bytes]]:
    """The batch with every single bit changed, and with random pairs of bits; which, and it."""
    bits = [(bit,) for bit in range(8 * len(batch))]
    chosen = bits + [tuple(rng.sample(range(8 * len(batch)), 2)) for _ in range(pairs)]
    changed = []
    for places in chosen:
        mask = sum(1 << (8 * len(batch) - 1 - place) for place in places)
        value = int.from_bytes(batch, "big") ^ mask
        changed.append((places, value.to_bytes(len(batch), "big")))
    return changed


async def entries_for_flipping(story: Story, terms: Terms) -> tuple[Entry, Entry]:
    """One that names its merchant, one that does not; both with a copay that could be paid."""
    await story.pocket_money(0, 1_000_000)
    await story.pocket_money(1, 1_000_000)
    step = await story.step(terms)
    maximum = Maximum(bill=9_000, amount=4_000, copay=600)
    named = story.entry(1, terms, 0, step, bill=10_000, amount=5_000, copay=700)
    unnamed = story.entry(
        1, terms, 1, step, merchant=1, bill=8_000, amount=3_000, copay=500, maximum=maximum
    )
    return named, unnamed


async def test_f4_no_bit_of_an_entry_that_names_its_merchant_can_be_changed(story: Story) -> None:
    terms = await story.campaign(1)
    named, _ = await entries_for_flipping(story, terms)
    batch = pack_batch([named])
    before = await totals(story)
    changed = flips(batch, Random(4), 700)
    assert len(changed) > 1_300
    taken = await would_take(story, [altered for _places, altered in changed])
    accepted = [places for (places, _), found in zip(changed, taken, strict=True) if found]
    assert accepted == [], "a changed bit, and still a redemption"
    assert await totals(story) == before
    (untouched,) = await would_take(story, [batch])
    assert untouched is not None and len(untouched) == 1


async def test_f4_a_changed_bit_of_an_unnamed_entry_never_takes_more_than_was_signed(
    story: Story,
) -> None:
    terms = await story.campaign(1)
    _, unnamed = await entries_for_flipping(story, terms)
    # The entry as the sequencer may bring it for any of three shops: the holder named none.
    whole = pack_batch([unnamed])
    batch = bytes([3]) + b"".join(n.to_bytes(4, "big") for n in (1, 2, 3)) + whole[5:]
    most = unnamed.maximum
    assert most is not None
    changed = flips(batch, Random(5), 400)
    taken = await would_take(story, [altered for _places, altered in changed])
    accepted = 0
    for (places, altered), found in zip(changed, taken, strict=True):
        for record in found or []:
            accepted += 1
            assert record.pass_number == 2, places
            assert record.merchant in (1, 2, 3), places
            assert record.bill <= most.bill and record.amount <= most.amount, places
            assert record.copay <= most.copay and record.step == unnamed.step, places
            assert altered[-75:] == batch[-75:], "maximum and signature are as they were signed"
    assert accepted, "below the maximum the figures are the shop's to write"
    assert len(changed) > 1_200


async def test_f5_the_twins_of_thousands_of_signatures_are_refused_and_the_originals_count_once(
    story: Story,
) -> None:
    terms = await story.campaign(1)
    step, people = await story.step(terms) - 200, max(8, 8 * TWINS // 1_000)
    if people > 8:
        await story.enrol(people - 8)
    originals = [
        story.entry(1, terms, n % people, step + n // people, bill=20, amount=5)
        for n in range(TWINS)
    ]
    before = await totals(story)
    bodies = [bytearray(pack_batch([original]))[5:-64] for original in originals]
    for twin in range(4):
        for start in range(0, TWINS, ENTRIES_MAX):
            chosen = range(start, min(start + ENTRIES_MAX, TWINS))
            packed = b"".join(
                bytes(bodies[n]) + twins_of(originals[n].r, originals[n].vs)[twin] for n in chosen
            )
            attempted = await bring(story, 1, b"\x01\0\0\0\x01" + packed)
            assert attempted.reasons == [Reason.SIGNATURE_INVALID] * len(chosen)
    assert await totals(story) == before
    taken = 0
    for start in range(0, TWINS, ENTRIES_MAX):
        attempted = await bring(story, 1, originals[start : start + ENTRIES_MAX])
        taken += len(attempted.redeemed)
    assert taken == TWINS


def test_f5_every_spelling_of_a_signature_is_one_signature_or_none() -> None:
    key = KeySigner(key_of("resident 0"))
    for n in range(TWINS):
        digest = keccak(n.to_bytes(4, "big"))
        r, vs = sign(digest, key.private_key)
        s = (int.from_bytes(vs, "big") & LOW_HALF).to_bytes(32, "big")
        parity = vs[0] >> 7
        assert compact(r + vs) == (r, vs)
        for v in (parity, 27 + parity):
            assert compact(r + s + bytes([v])) == (r, vs)
        for v in (2, 26, 29, 255):
            with pytest.raises(SignatureInvalid):
                compact(r + s + bytes([v]))
        high = (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
        for v in (0, 1, 27, 28):
            with pytest.raises(SignatureInvalid):
                compact(r + high + bytes([v]))
        for twin in twins_of(r, vs):
            assert _recovered(digest, twin) != key.address


def _recovered(digest: bytes, signature: bytes) -> str:
    try:
        return recover(digest, signature[:32], signature[32:])
    except SignatureInvalid:
        return ""


async def test_f6_zeroes_garbage_and_empty_slots_never_match_a_holder(story: Story) -> None:
    terms = await story.campaign(1)
    step = await story.step(terms)
    body = pack_batch([story.entry(1, terms, 0, step)])[5:-64]
    order = ORDER.to_bytes(32, "big")
    one, zero = (1).to_bytes(32, "big"), bytes(32)
    signatures = [zero + zero, one + zero, zero + one, order + one, one + order, order + order]
    signatures += [b"\xff" * 64, one + b"\x80" + bytes(31)]
    signatures += [keccak(bytes([n])) + keccak(bytes([n, 1])) for n in range(200)]
    before = await totals(story)
    packed = b"".join(body + signature for signature in signatures)
    attempted = await bring(story, 1, b"\x01\0\0\0\x01" + packed)
    assert attempted.reasons == [Reason.SIGNATURE_INVALID] * len(signatures)
    assert {record.pass_number for record in attempted.refused} == {0}
    assert await totals(story) == before
