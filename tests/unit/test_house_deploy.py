"""A deployment's configuration and its table of roles."""

import json
from pathlib import Path

import pytest

from deploy.city import FUNCTIONS, ROLE_NUMBERS, Grant, parse_config
from ledger.errors import InputInvalid

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def test_roles_and_functions_are_those_the_contract_tests_use() -> None:
    table = json.loads((ROOT / "tests" / "vectors" / "roles.json").read_bytes())
    functions = {
        name: {role: list(signatures) for role, signatures in roles.items()}
        for name, roles in FUNCTIONS.items()
    }
    assert table["roles"] == ROLE_NUMBERS
    assert table["functions"] == functions


def test_a_configuration_names_keys_plainly_or_with_a_delay() -> None:
    later = {"address": ADDRESS, "delay_seconds": 60}
    raw = {"roles": {"APPROVER": [ADDRESS, later]}, "token": {"symbol": "CMB"}}
    config = parse_config(json.dumps(raw).encode())
    assert config.grants["APPROVER"] == (
        Grant(address=ADDRESS),
        Grant(address=ADDRESS, delay_seconds=60),
    )
    assert config.token.symbol == "CMB"
    assert config.addresses == {ADDRESS}


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"roles": []}',
        b'{"roles": {"MAYOR": []}}',
        b'{"roles": {"APPROVER": ["0x0000000000000000000000000000000000000000"]}}',
        b'{"roles": {"APPROVER": ["0x70997970c51812dc3A010C7d01b50e0d17dc79C8"]}}',
        b'{"roles": {"APPROVER": ["0x7099"]}}',
        b'{"roles": {"APPROVER": [{"address": "x"}]}}',
        b'{"roles": {"APPROVER": [{"adress": "x"}]}}',
        b'{"roles": {}, "city": 1}',
        b'{"roles": {}, "token": {"name": "x", "supply": 1}}',
        json.dumps({"roles": {"APPROVER": [{"address": ADDRESS, "delay_seconds": -1}]}}).encode(),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_refused(document: bytes) -> None:
    with pytest.raises(InputInvalid):
        parse_config(document)
