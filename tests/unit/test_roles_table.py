"""The table of roles that forge wires by, against the compiled contracts and the deployment."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from deploy.city import FUNCTIONS, ROLE_NUMBERS
from ledger.chain.artifacts import load_artifact

TABLE: Final[dict[str, Any]] = json.loads(
    Path(__file__).parent.parent.joinpath("vectors", "roles.json").read_text(encoding="utf-8")
)
CONTRACTS: Final = sorted(TABLE["functions"])


def spelled(parameter: dict[str, Any]) -> str:
    """The canonical type of an ABI parameter; a struct is spelled by its parts."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    parts = ",".join(spelled(part) for part in parameter["components"])
    return f"({parts}){kind.removeprefix('tuple')}"


def changing(contract: str) -> list[str]:
    """Every function of a contract that can change state, by signature."""
    return sorted(
        f"{item['name']}({','.join(spelled(part) for part in item['inputs'])})"
        for item in load_artifact(contract).abi
        if item["type"] == "function" and item["stateMutability"] not in ("view", "pure")
    )


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_function_that_changes_state_belongs_to_one_role_or_is_open_on_purpose(
    contract: str,
) -> None:
    restricted = [name for names in TABLE["functions"][contract].values() for name in names]
    assert sorted(restricted + TABLE["open"][contract]) == changing(contract)


def test_the_deployment_wires_by_the_same_table() -> None:
    assert TABLE["roles"] == ROLE_NUMBERS
    assert {
        contract: {role: list(names) for role, names in roles.items()}
        for contract, roles in FUNCTIONS.items()
    } == TABLE["functions"]
