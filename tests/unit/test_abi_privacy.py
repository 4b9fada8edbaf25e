"""What the contracts can say of a person: numbers, addresses, amounts, times; nothing else."""

from typing import Any, Final

import pytest

from ledger.chain.artifacts import load_artifact

CONTRACTS: Final = (
    "CityToken",
    "CityPass",
    "MerchantRegistry",
    "CouponBook",
    "SettlementBook",
    "AnchorLog",
)
WITHOUT_WORDS: Final = ("uint", "address", "bool", "bytes32")
# Packed numbers, laid out in docs/wire-format.md; a text would not fit their layouts.
PACKED: Final = {
    ("PassesEnrolled", "holders"),
    ("Redeemed", "records"),
    ("RedemptionsRefused", "records"),
    ("LinesSettled", "lines"),
}


def leaves(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parameters of an event with its structs opened."""
    return [
        leaf
        for parameter in parameters
        for leaf in (leaves(parameter["components"]) if "components" in parameter else [parameter])
    ]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_event_can_carry_a_text(contract: str) -> None:
    events = [item for item in load_artifact(contract).abi if item["type"] == "event"]
    assert events
    for event in events:
        for leaf in leaves(event["inputs"]):
            packed = (event["name"], leaf["name"]) in PACKED and leaf["type"] == "bytes"
            assert packed or leaf["type"].startswith(WITHOUT_WORDS), (event["name"], leaf)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_function_that_changes_state_takes_a_text(contract: str) -> None:
    for item in load_artifact(contract).abi:
        if item["type"] != "function" or item["stateMutability"] in ("view", "pure"):
            continue
        kinds = {leaf["type"] for leaf in leaves(item["inputs"])}
        assert not any(kind.startswith("string") for kind in kinds), item["name"]
