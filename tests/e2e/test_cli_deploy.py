"""`nakhon deploy`: a record of what is on the chain, and keys that open nothing elsewhere."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.devnet import Devnet, DevnetOptions
from ledger.chain.signer import DEVELOPMENT_ADDRESSES, DevSigner, keyfile_of
from tests.e2e.running_city import PASSWORD, RunningCity, nakhon
from wallet_cli.exit_codes import ExitCode


@pytest.fixture(params=[31337, 4_242], ids=["devnet", "elsewhere"])
def node(request: pytest.FixtureRequest) -> Iterator[tuple[int, str]]:
    """A node of a development chain, and one of a chain that is none."""
    running = Devnet(DevnetOptions(chain_id=request.param))
    asyncio.run(running.start())
    yield request.param, running.rpc_url
    asyncio.run(running.stop())


def test_development_keys_deploy_twice_to_the_same_record_on_a_devnet_and_nowhere_else(
    node: tuple[int, str], tmp_path: Path
) -> None:
    chain_id, rpc_url = node
    environment = RunningCity.bare_environment()
    words = ("deploy", "--development-keys", "--rpc", rpc_url, "--records", str(tmp_path), "--json")
    if chain_id != 31337:
        refused = nakhon(*words, environment=environment, wanted=ExitCode.NOT_ALLOWED)
        assert "(development_key_refused)" in refused.err
        assert list(tmp_path.iterdir()) == []
        return
    first = nakhon(*words, environment=environment).json()
    record = Path(first["record"]).read_bytes()
    second = nakhon(*words, environment=environment)
    assert second.json() == first
    assert Path(first["record"]).read_bytes() == record
    assert "created" not in second.err
    assert set(first["roles"]["SEQUENCER"]) <= DEVELOPMENT_ADDRESSES
    checked = nakhon(
        "audit", "state", "roles", "--rpc", rpc_url, "--deployment", first["record"], "--json",
        environment=environment,
    ).json()  # fmt: skip
    held = {(row["role"], row["account"]) for row in checked}
    assert {("SEQUENCER", account) for account in first["roles"]["SEQUENCER"]} <= held


def test_a_citys_own_keyfile_and_configuration_deploy(
    node: tuple[int, str], tmp_path: Path
) -> None:
    chain_id, rpc_url = node
    if chain_id == 31337:
        key = DevSigner.numbered(0).private_key
        holder = DevSigner.numbered(1).address
    else:
        key, holder = b"\x77" * 32, "0x" + "5" * 40
    keyfile, password = tmp_path / "deployer.json", tmp_path / "password"
    keyfile.write_bytes(keyfile_of(key, PASSWORD, iterations=2**10))
    password.write_text(PASSWORD, "utf-8")
    config = tmp_path / "city.json"
    config.write_text(json.dumps({"roles": {"REGISTRAR": [holder]}}), "utf-8")
    words = ("deploy", str(config), "--rpc", rpc_url, "--records", str(tmp_path / "records"))
    keys = ("--keyfile", str(keyfile), "--password-file", str(password), "--json")
    environment = RunningCity.bare_environment()
    if chain_id != 31337:
        # Its account holds nothing to pay for gas: the node's own word for that is told.
        refused = nakhon(*words, *keys, environment=environment, wanted=ExitCode.CHAIN)
        assert "Traceback" not in refused.err
        return
    deployed = nakhon(*words, *keys, environment=environment).json()
    assert deployed["roles"]["REGISTRAR"] == [holder]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "input_invalid"),
        ("{}", "input_invalid"),
        ('{"roles": {"KING": []}}', "input_invalid"),
        ('{"roles": {"APPROVER": ["0x' + "0" * 40 + '"]}}', "input_invalid"),
    ],
)
def test_a_configuration_that_is_wrong_is_refused_before_anything_is_sent(
    tmp_path: Path, content: str, code: str
) -> None:
    config = tmp_path / "city.json"
    config.write_text(content, "utf-8")
    refused = nakhon(
        "deploy", str(config), "--rpc", "http://127.0.0.1:1",
        environment=RunningCity.bare_environment(), wanted=ExitCode.USAGE,
    )  # fmt: skip
    assert f"({code})" in refused.err


def test_without_a_configuration_it_says_what_to_give() -> None:
    refused = nakhon("deploy", environment=RunningCity.bare_environment(), wanted=ExitCode.USAGE)
    assert "(configuration_needed)" in refused.err
