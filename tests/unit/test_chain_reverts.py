"""Every custom error of every ABI has its meaning; nothing is guessed from a node's words."""

import pytest
from eth_abi.abi import encode

from ledger.chain.reverts import PLAIN, READERS, CustomError, custom_errors, read_revert, revert_of
from ledger.domain.reasons import Reason
from ledger.domain.sentences import speak
from ledger.errors import RedemptionRefused, RoleMissing, TransactionReverted

SAMPLE = {"address": "0x" + "11" * 20, "bool": True, "string": "x", "bytes32": bytes(32)}


def sample(error: CustomError) -> bytes:
    values = [
        SAMPLE.get(kind, b"\1\2\3\4" if kind == "bytes4" else 1) for kind in error.input_types
    ]
    return encode(error.input_types, values)


def test_every_error_of_every_abi_has_a_meaning() -> None:
    names = {error.name for error in custom_errors().values()}
    assert names == READERS.keys() | PLAIN
    assert not READERS.keys() & PLAIN


def test_every_meaning_keeps_the_error_and_its_evidence_and_can_be_said() -> None:
    for selector, error in custom_errors().items():
        data = "0x" + (selector + sample(error)).hex()
        meaning = read_revert(data, "execution reverted")
        assert meaning.details["error"] == error.name
        assert tuple(meaning.details["arguments"]) == error.input_names
        assert speak(meaning).th and speak(meaning).en
        assert isinstance(meaning, TransactionReverted) == (error.name in PLAIN)


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason.on_chain])
def test_a_refused_force_names_its_rule(reason: Reason) -> None:
    selector = next(s for s, e in custom_errors().items() if e.name.endswith("RedemptionRefused"))
    data = "0x" + (selector + encode(["uint256", "uint8"], [3, int(reason)])).hex()
    refused = read_revert(data, "")
    assert isinstance(refused, RedemptionRefused)
    assert (refused.reason, refused.figures) == (reason.code, {"index": 3})


def test_a_missing_role_is_a_missing_role() -> None:
    selector = next(s for s, e in custom_errors().items() if e.name == "AccessManagedUnauthorized")
    data = "0x" + (selector + encode(["address"], ["0x" + "22" * 20])).hex()
    assert isinstance(read_revert(data, ""), RoleMissing)


@pytest.mark.parametrize(
    "data", ["0x", "0x12", "nonsense", "0xdeadbeef", "0x08c379a0", "0x4e487b71"]
)
def test_bytes_that_are_no_error_of_ours_are_still_a_revert(data: str) -> None:
    assert isinstance(read_revert(data, "execution reverted"), TransactionReverted)
    assert revert_of(data, "execution reverted").details["message"] == "execution reverted"
