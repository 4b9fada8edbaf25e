"""Deploying a city: once, resumable, verified, and never with a published key."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from deploy.checksums import verify_artifacts
from deploy.city import (
    CONTRACT_GRANTS,
    ROLE_NUMBERS,
    ROLES,
    DeployConfig,
    Grant,
    one_key_each,
)
from deploy.deploy import Step, deploy, record_path, refuse_known_key
from deploy.devnet import CHAIN_ID, Devnet, DevnetOptions
from deploy.node import Node
from ledger.chain.artifacts import ARTIFACTS_DIRECTORY, CONTRACTS
from ledger.chain.deployment import Deployment, check_deployment
from ledger.chain.encoding import decode_result, encode_call
from ledger.chain.gateway import Gateway
from ledger.chain.signer import DevSigner
from ledger.domain.signatures import address_of
from ledger.errors import (
    DeploymentMismatch,
    DevelopmentKeyRefused,
    InputInvalid,
    NodeUnreachable,
    RoleMissing,
    WrongChain,
)
from tests.conftest import City

DEPLOYER = DevSigner.numbered(0)
OTHERS = {role: DevSigner.numbered(number).address for role, number in ROLES.items() if number}
CONFIG = one_key_each(OTHERS, city_accounts=(DevSigner.numbered(1).address,))


class Crash(BaseException):
    """The process is gone at this line."""


async def role_of(gateway: Gateway, deployment: Deployment, role: str, address: str) -> bool:
    data = encode_call("AccessManager", "hasRole", ROLE_NUMBERS[role], address)
    answer = await gateway.call(deployment.address("AccessManager"), data)
    return bool(decode_result("AccessManager", "hasRole", answer)[0])


async def test_a_city_is_deployed_and_its_record_is_read_back(tmp_path: Path) -> None:
    async with Devnet() as devnet, Gateway(devnet.rpc_url) as gateway:
        deployment = await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path)
        assert Deployment.load(record_path(tmp_path, CHAIN_ID)) == deployment
        assert set(deployment.contracts) == set(CONTRACTS)
        for role, address in OTHERS.items():
            assert await role_of(gateway, deployment, role, address)
        for contract, roles in CONTRACT_GRANTS.items():
            for role in roles:
                assert await role_of(gateway, deployment, role, deployment.address(contract))
        await check_deployment(gateway, deployment)
        assert [path.name for path in tmp_path.iterdir()] == [f"{CHAIN_ID}.json"]


async def test_no_key_can_be_given_the_role_of_a_contract() -> None:
    with pytest.raises(InputInvalid):
        one_key_each({"SETTLER": OTHERS["TREASURER"]})


async def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    async with Devnet() as devnet, Gateway(devnet.rpc_url) as gateway:
        first = await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path)
        height, steps = await gateway.block_number(), list[Step]()
        second = await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path, report=steps.append)
        assert (second, await gateway.block_number(), steps) == (first, height, [])


SENDINGS = len(CONTRACTS) + 4
"""The creations, the wiring, and a city account for each of the two books and the treasurer."""


@pytest.mark.parametrize("sent", [False, True], ids=["before sending", "after sending"])
@pytest.mark.parametrize("number", range(1, SENDINGS + 1))
async def test_a_run_after_a_crash_goes_on_where_the_crash_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, sent: bool
) -> None:
    calls, send = 0, Node.send

    async def crashing(node: Node, raw: bytes) -> None:
        nonlocal calls
        calls += 1
        if calls < number or sent:
            await send(node, raw)
        if calls == number:
            raise Crash

    async with Devnet() as devnet, Gateway(devnet.rpc_url) as gateway:
        monkeypatch.setattr(Node, "send", crashing)
        with pytest.raises(Crash):
            await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path)
        assert not record_path(tmp_path, CHAIN_ID).exists()
        monkeypatch.setattr(Node, "send", send)
        deployment = await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path)
        await check_deployment(gateway, deployment)
        assert await gateway.transaction_count(DEPLOYER.address) == SENDINGS


async def test_a_nonce_used_by_somebody_else_in_between_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crashing(node: Node, raw: bytes) -> None:
        del node, raw
        raise Crash

    async with Devnet() as devnet:
        with monkeypatch.context() as patched:
            patched.setattr(Node, "send", crashing)
            with pytest.raises(Crash):
                await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path)
        other = {"from": DEPLOYER.address, "to": DEPLOYER.address}
        await devnet.rpc("eth_sendTransaction", other)
        await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path)


async def test_a_devnet_that_began_anew_gets_a_new_city(tmp_path: Path) -> None:
    for genesis_time in (1_761_714_000, 1_761_800_400):
        async with (
            Devnet(DevnetOptions(genesis_time=genesis_time)) as devnet,
            Gateway(devnet.rpc_url) as gateway,
        ):
            deployment = await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path)
            await check_deployment(gateway, deployment)


async def test_a_record_the_chain_contradicts_is_refused(tmp_path: Path) -> None:
    async with Devnet() as devnet:
        await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path)
        path = record_path(tmp_path, CHAIN_ID)
        record = json.loads(path.read_bytes())
        record["contracts"]["CityPass"]["code_hash"] = "0x" + "00" * 32
        path.write_text(json.dumps(record), encoding="utf-8")
        with pytest.raises(DeploymentMismatch) as refused:
            await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path)
        assert refused.value.details["contract"] == "CityPass"


async def test_administrators_named_by_the_city_replace_the_deployer(tmp_path: Path) -> None:
    administrator = DevSigner.numbered(9).address
    grants = {**CONFIG.grants, "ADMIN": (Grant(address=administrator),)}
    config = DeployConfig(grants=grants)
    async with Devnet() as devnet, Gateway(devnet.rpc_url) as gateway:
        deployment = await deploy(devnet.rpc_url, DEPLOYER, config, tmp_path)
        assert await role_of(gateway, deployment, "ADMIN", administrator)
        assert not await role_of(gateway, deployment, "ADMIN", DEPLOYER.address)
        assert await deploy(devnet.rpc_url, DEPLOYER, config, tmp_path) == deployment


async def test_a_role_can_be_given_with_a_delay(tmp_path: Path) -> None:
    approver = Grant(address=OTHERS["APPROVER"], delay_seconds=86_400)
    config = DeployConfig(grants={**CONFIG.grants, "APPROVER": (approver,)})
    async with Devnet() as devnet, Gateway(devnet.rpc_url) as gateway:
        deployment = await deploy(devnet.rpc_url, DEPLOYER, config, tmp_path)
        asked = encode_call("AccessManager", "hasRole", ROLES["APPROVER"], approver.address)
        answer = await gateway.call(deployment.address("AccessManager"), asked)
        assert decode_result("AccessManager", "hasRole", answer) == (True, 86_400)


@pytest.mark.parametrize("number", range(20))
async def test_the_published_accounts_are_refused_outside_a_devnet(number: int) -> None:
    address = DevSigner.numbered(number).address
    refuse_known_key(address, CHAIN_ID)
    with pytest.raises(DevelopmentKeyRefused):
        refuse_known_key(address, 1)


@pytest.mark.parametrize("key", [1, 2, 3, 100, 1_024])
async def test_the_keys_people_try_first_are_refused_outside_a_devnet(key: int) -> None:
    with pytest.raises(DevelopmentKeyRefused):
        refuse_known_key(address_of(key.to_bytes(32, "big")), 137)


async def test_a_city_with_a_published_key_sends_nothing_to_another_chain(tmp_path: Path) -> None:
    secret = DevSigner(b"\x17" * 32)
    async with Devnet(DevnetOptions(chain_id=7_000)) as devnet, Gateway(devnet.rpc_url) as gateway:
        with pytest.raises(DevelopmentKeyRefused):
            await deploy(devnet.rpc_url, DEPLOYER, DeployConfig(grants={}), tmp_path)
        with pytest.raises(DevelopmentKeyRefused):
            await deploy(devnet.rpc_url, secret, CONFIG, tmp_path)
        assert await gateway.block_number() == 0


async def test_an_altered_artifact_is_refused_and_named(
    tmp_path: Path,
) -> None:
    directory = tmp_path / "artifacts"
    shutil.copytree(ARTIFACTS_DIRECTORY, directory)
    verify_artifacts(directory)
    altered = directory / "CityPass.json"
    altered.write_bytes(altered.read_bytes().replace(b"0x60", b"0x61", 1))
    with pytest.raises(DeploymentMismatch) as refused:
        verify_artifacts(directory)
    assert refused.value.details["contract"] == "CityPass"


async def test_without_a_node_there_is_a_plain_error(tmp_path: Path) -> None:
    with pytest.raises(NodeUnreachable):
        await deploy("http://127.0.0.1:9", DEPLOYER, CONFIG, tmp_path)


async def test_a_key_without_the_admin_role_cannot_change_who_holds_what(tmp_path: Path) -> None:
    async with Devnet() as devnet:
        await deploy(devnet.rpc_url, DEPLOYER, CONFIG, tmp_path)
        more = one_key_each({**OTHERS, "GUARDIAN": DevSigner.numbered(15).address})
        with pytest.raises(RoleMissing):
            await deploy(devnet.rpc_url, DevSigner.numbered(12), more, tmp_path)


async def test_a_process_refuses_another_chain_id(city: City, gateway: Gateway) -> None:
    with pytest.raises(WrongChain):
        await check_deployment(gateway, dataclasses.replace(city.deployment, chain_id=1))


async def test_a_process_refuses_another_fork(city: City, gateway: Gateway) -> None:
    other = dataclasses.replace(city.deployment, block_hash="0x" + "11" * 32)
    with pytest.raises(DeploymentMismatch):
        await check_deployment(gateway, other)


@pytest.mark.parametrize("name", CONTRACTS)
async def test_a_process_refuses_code_that_differs(city: City, gateway: Gateway, name: str) -> None:
    address = city.deployment.address(name)
    code = await gateway.code(address)
    await gateway.rpc("anvil_setCode", [address, "0x" + (code[:-1] + b"\0").hex()])
    with pytest.raises(DeploymentMismatch) as refused:
        await check_deployment(gateway, city.deployment)
    assert refused.value.details["contract"] == name


async def test_a_city_of_fewer_contracts_is_told_what_it_lacks(city: City) -> None:
    record = json.loads(city.deployment.document())
    del record["contracts"]["SettlementBook"]
    with pytest.raises(DeploymentMismatch, match="without SettlementBook") as refused:
        Deployment.parse(json.dumps(record).encode())
    assert refused.value.details["contract"] == "SettlementBook"


async def test_a_record_that_is_missing_or_broken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeploymentMismatch, match="nakhon deploy"):
        Deployment.load(tmp_path / "1.json")
    for document in (b"", b"[]", b"{}", b"\xff", b'{"chain_id": 1, "contracts": {}}'):
        with pytest.raises(DeploymentMismatch):
            Deployment.parse(document)
