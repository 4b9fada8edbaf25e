"""The quick way of the auditor against the thorough one, and its helpers against itself."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.audit import recovery
from ledger.audit.recovery import Recovery
from ledger.audit.signers import NOBODY, SignedBatch, entry_offsets, signers_in
from ledger.audit.verify import verify
from ledger.chain.decoding import TERMS_ABI
from ledger.chain.gateway import Gateway
from ledger.domain.clock import signed_at_of
from ledger.domain.hashing import address_bytes, keccak
from ledger.domain.redemption import Entry, Maximum, pack_batch, read_batch
from ledger.domain.signatures import recover
from ledger.domain.typed_data import redemption_digest
from tests.conftest import NOON, City
from tests.integration.lying_node import about_logs, lying_gateway
from tests.integration.story import Story, lunch

DRAFTED = f"CampaignDrafted(uint32,address,{TERMS_ABI},uint40)"


@pytest.fixture
def story(gateway: Gateway, city: City) -> Story:
    return Story(gateway, city)


async def some_entries(story: Story) -> tuple[Any, list[Entry]]:
    await story.enrol(4)
    await story.register(2)
    terms = await story.campaign(1)
    step = await story.step(terms) - 4
    entry = story.entry
    maximum = Maximum(bill=20_000, amount=9_000, copay=0)
    entries = [
        entry(1, terms, 0, step),
        entry(1, terms, 1, step, merchant=2, bill=7_777, amount=3_333),
        entry(1, terms, 2, step + 1, maximum=maximum),
        replace(entry(1, terms, 3, step + 1), r=bytes(31) + b"\1"),
    ]
    return terms, entries


async def test_signers_over_packed_bytes_are_those_of_the_domain(story: Story) -> None:
    terms, entries = await some_entries(story)
    separator = story.city.deployment.domain_separator
    batch = pack_batch(entries)
    found = signers_in(separator, SignedBatch(1, terms.starts, batch))
    signed = [(each, each.signed(1, signed_at_of(terms.starts, each.step))) for each in entries[:3]]
    expected = b"".join(
        address_bytes(recover(redemption_digest(separator, message), each.r, each.vs))
        for each, message in signed
    )
    assert found[:60] == expected and found[60:] != expected[:20]
    headless = bytearray(batch)
    headless[entry_offsets(batch)[0] : entry_offsets(batch)[0] + 3] = bytes(3)  # type: ignore[index]
    assert signers_in(separator, SignedBatch(1, terms.starts, bytes(headless)))[:20] == NOBODY
    assert entry_offsets(batch[:-1]) is None and entry_offsets(b"") is None
    assert len(entry_offsets(batch) or []) == len(read_batch(batch)) == 4


async def test_helpers_find_the_signers_that_one_process_finds(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms, entries = await some_entries(story)
    separator = story.city.deployment.domain_separator
    batches = [SignedBatch(1, terms.starts, pack_batch([entry])) for entry in entries * 3]
    batches.append(SignedBatch(1, terms.starts, b"\1none"))
    with Recovery(separator, processes=0) as alone:
        expected = await alone.signers(batches)
    monkeypatch.setattr(recovery, "ALONE_BYTES_MAX", 0)
    monkeypatch.setattr(recovery, "PIECE_BYTES", 200)
    with Recovery(separator, processes=2) as helped:
        assert await helped.signers(batches) == expected
        assert helped.helped
    assert expected[-1] == b"" and all(len(each) == 20 for each in expected[:-1])


TERM_WORDS = {
    "ends": (3, NOON - 3_000),
    "first_use_by": (4, 1),
    "share_basis_points": (5, 1),
    "allowance": (6, 100),
    "per_use_max": (7, 1),
    "per_day_max": (8, 1),
    "bill_min": (9, 1_000_000),
    "audience": (10, 2),
    "categories": (11, 2),
    "districts": (12, 4),
    "open_hours": (13, 0),
    "list_count": (16, 1),
}
"""Where a term stands in the event of a draft, and a value by which the lunch breaks it."""


@pytest.mark.parametrize("term", TERM_WORDS)
async def test_both_ways_name_every_entry_that_breaks_a_term(story: Story, term: str) -> None:
    """The node shows other terms than those the contract judged by."""
    await lunch(story)
    word, value = TERM_WORDS[term]
    topic = "0x" + keccak(DRAFTED.encode()).hex()

    def other_terms(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for log in logs:
            if log["topics"][0] == topic:
                at = 2 + 64 * word
                log["data"] = log["data"][:at] + f"{value:064x}" + log["data"][at + 64 :]
        return logs

    found = []
    for brisk in (True, False):
        async with lying_gateway(story.gateway.url, about_logs(other_terms)) as gateway:
            result = await verify(gateway, story.city.deployment, brisk=brisk, processes=0)
        found.append(result.findings)
    assert found[0] == found[1]
    assert "rule_broken" in {finding.code for finding in found[0]}
