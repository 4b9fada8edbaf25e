"""The committed vectors are what the code says, and libraries that are not ours agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_abi.packed import encode_packed
from eth_account import Account
from eth_utils.crypto import keccak

from ledger.domain.clock import bangkok_day, hour_of_week
from ledger.domain.merchants import Merchant
from ledger.domain.passes import Pass
from ledger.domain.redemption import unpack_batch, unpack_records, unpack_refused
from ledger.domain.signatures import compact, recover
from ledger.domain.usage import Usage, read_lane
from ledger.errors import SignatureInvalid
from tests.vectors import generate

FOLDER = Path(generate.__file__).parent


def vectors(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return read


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@pytest.mark.parametrize("name", generate.FILES)
def test_the_committed_file_is_what_the_generator_writes(name: str, tmp_path: Path) -> None:
    generate.write(tmp_path)
    written = (tmp_path / name).read_text(encoding="utf-8")
    assert written == (FOLDER / name).read_text(encoding="utf-8")


def test_every_signed_message_recovers_to_its_signer_in_eth_account_too() -> None:
    file = vectors("redemption.json")
    for kind in ("redemptions", "voids", "receipts", "requests"):
        assert file[kind]["count"] == len(file[kind]["items"])
        for one in file[kind]["items"]:
            digest, r, vs = raw(one["digest"]), raw(one["r"]), raw(one["vs"])
            assert recover(digest, r, vs) == one["signer"]
            s = (int.from_bytes(vs, "big") & (2**255 - 1)).to_bytes(32, "big")
            theirs = Account._recover_hash(digest, signature=r + s + bytes([27 + (vs[0] >> 7)]))
            assert theirs == one["signer"]


def test_nobody_is_recovered_from_the_refused_signatures() -> None:
    for one in vectors("redemption.json")["refused_signatures"]["items"]:
        with pytest.raises(SignatureInvalid):
            recover(raw(one["digest"]), raw(one["r"]), raw(one["vs"]))


def test_every_spelling_of_a_signature_is_read_or_refused_as_listed() -> None:
    for one in vectors("redemption.json")["spellings"]["items"]:
        for spelled in one["read"]["items"]:
            assert compact(raw(spelled)) == (raw(one["r"]), raw(one["vs"]))
        for spelled in one["refused"]["items"]:
            with pytest.raises(SignatureInvalid):
                compact(raw(spelled))


def test_the_typehashes_are_the_hashes_of_the_types_in_the_wire_format() -> None:
    page = (FOLDER.parents[1] / "docs" / "wire-format.md").read_text(encoding="utf-8")
    for name, typehash in vectors("redemption.json")["typehashes"].items():
        spelled = next(
            line.strip() for line in page.splitlines() if line.strip().startswith(f"{name}(uint")
            or line.strip().startswith(f"{name}(string")
        )  # fmt: skip
        assert raw(typehash) == keccak(spelled.encode())


def test_batches_of_the_vectors_hold_their_entries() -> None:
    for one in vectors("redemption.json")["batches"]["items"]:
        entries = unpack_batch(raw(one["bytes"]))
        assert len(entries) == one["count"] == len(one["entries"])
        for entry, listed in zip(entries, one["entries"], strict=True):
            assert (entry.step, entry.merchant) == (listed["step"], listed["merchant"])
            assert (entry.bill, entry.amount, entry.copay) == (
                listed["bill"], listed["amount"], listed["copay"],
            )  # fmt: skip
            assert (entry.maximum is not None) == listed["unnamed"]


def test_an_entry_is_laid_out_as_the_wire_format_says() -> None:
    one = vectors("redemption.json")["batches"]["items"][2]
    entry = one["entries"][0]
    by_hand = encode_packed(
        ["uint8", "uint32", "uint24", "uint8", "uint32", "uint24", "uint32", "uint32", "uint24",
         "uint32", "bytes32", "bytes32"],
        [1, entry["merchant"], 1 << 23 | entry["step"], 0, entry["bill"], entry["amount"],
         entry["copay"], entry["maximum_bill"], entry["maximum_amount"], entry["maximum_copay"],
         raw(entry["r"]), raw(entry["vs"])],
    )  # fmt: skip
    assert by_hand == raw(one["bytes"])


def test_lanes_of_the_vectors_pack_and_unpack() -> None:
    file = vectors("usage.json")
    for one in file["lanes"]["items"]:
        lane = int(one["lane"], 16)
        usage = Usage.unpack(lane)
        assert (usage.last_step, usage.spent_today, usage.spent_total) == (
            one["last_step"], one["spent_today"], one["spent_total"],
        )  # fmt: skip
        assert lane == one["last_step"] | one["spent_today"] << 21 | one["spent_total"] << 40
    for one in file["slots"]["items"]:
        assert read_lane(int(one["after"], 16), one["pass"]).pack() == int(one["lane"], 16)


def test_the_calendar_of_the_vectors_is_the_formula_of_the_wire_format() -> None:
    for one in vectors("usage.json")["calendar"]["items"]:
        t = one["time"]
        assert one["day"] == (t + 25_200) // 86_400 == bangkok_day(t)
        assert one["hour_of_week"] == ((t + 25_200) // 3_600 + 72) % 168 == hour_of_week(t)


def test_words_of_the_vectors_unpack_to_their_fields() -> None:
    file = vectors("words.json")
    for one in file["passes"]["items"]:
        found = Pass.unpack(int(one["word"], 16))
        assert (found.number, found.class_, found.district, found.status) == (
            one["number"], one["class"], one["district"], one["status"],
        )  # fmt: skip
    for one in file["merchants"]["items"]:
        shop = Merchant.unpack(one["number"], int(one["word"], 16))
        assert (shop.payout, shop.category, shop.district, shop.status) == (
            one["payout"], one["category"], one["district"], one["status"],
        )  # fmt: skip
    for one in file["lists"]["items"]:
        running = bytes(32)
        for index, word in zip(one["indexes"], one["words"], strict=True):
            running = keccak(running + index.to_bytes(32, "big") + raw(word))
        assert running == raw(one["hash"])


def test_records_of_the_vectors_unpack_to_their_fields() -> None:
    file = vectors("records.json")
    for one in file["redeemed"]["items"]:
        (record,) = unpack_records(raw(one["bytes"]))
        assert (record.pass_number, record.step, record.unnamed) == (
            one["pass"], one["step"], one["unnamed"],
        )  # fmt: skip
    for one in file["refused"]["items"]:
        (refused,) = unpack_refused(raw(one["bytes"]))
        assert (refused.index, refused.reason, refused.head) == (
            one["index"], one["reason"], one["head"],
        )  # fmt: skip
    for one in file["batches"]["items"]:
        assert keccak(raw(one["records"])) == raw(one["digest"])
