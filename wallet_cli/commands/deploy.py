"""`nakhon deploy`: the city's contracts onto a chain, once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.desk import Desk
from wallet_cli.files import read_file
from wallet_cli.language import both
from wallet_cli.output import Column

if TYPE_CHECKING:
    from deploy.city import DeployConfig
    from deploy.deploy import Step
    from ledger.chain.deployment import Deployment
    from ledger.chain.signer import Signer

PUBLIC_RECORDS: Final = Path("deploy") / "deployments"
"""Where the records of real chains are kept and committed."""

_DEPLOYMENT: Final = (
    Column("chain_id", "เชน", "Chain id"),
    Column("block", "เริ่มที่บล็อก", "Since block"),
    Column("record", "ไฟล์บันทึก", "Record"),
    Column("contracts", "สัญญา", "Contracts"),
    Column("roles", "บทบาท", "Roles"),
)


async def _deploy(
    desk: Desk, signer: "Signer", config: "DeployConfig", records: Path | None
) -> tuple["Deployment", Path]:
    from deploy.deploy import deploy, record_path
    from ledger.chain.gateway import Gateway
    from ledger.chain.signer import DEVNET_CHAIN_IDS

    async with Gateway(desk.rpc_url) as gateway:
        chain_id = await gateway.chain_id()
    local = chain_id in DEVNET_CHAIN_IDS
    directory = records or (desk.deployment.parent if local else PUBLIC_RECORDS)

    def report(step: "Step") -> None:
        desk.printer.remark(f"{step.what} · {step.subject} · {step.address}")

    deployed = await deploy(desk.rpc_url, signer, config, directory, report=report)
    return deployed, record_path(directory, chain_id)


def declare(app: typer.Typer) -> None:
    """Add the command to the root."""
    command(
        app,
        "deploy",
        th="ติดตั้งสัญญาของเมืองลงเชนและเขียนไฟล์บันทึก ทำซ้ำกี่ครั้งก็ได้ผลเดิม\n\nกุญแจที่ใครก็รู้ใช้ได้เฉพาะเชนสำหรับพัฒนา",
        en="Put the city's contracts on a chain and write the record; a second run is harmless.\n\n"
        "Published development keys are taken on a development chain only.",
        example="nakhon deploy city.json --rpc http://127.0.0.1:8545 --keyfile deployer.json",
        takes=Takes.CHAIN | Takes.KEYFILE | Takes.OUTPUT,
    )(deploy_city)


def deploy_city(
    desk: Desk,
    config: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help=both("ไฟล์ JSON: บทบาท โทเคน บัญชีเมือง", "JSON file: roles, token, city accounts"),
        ),
    ] = None,
    records: Annotated[
        Path | None,
        typer.Option(
            "--records",
            metavar="DIR",
            help=both("โฟลเดอร์เก็บไฟล์บันทึก", "directory for the record"),
        ),
    ] = None,
    development_keys: Annotated[
        bool,
        typer.Option(
            "--development-keys",
            help=both(
                "ใช้กุญแจสาธารณะของ Anvil/Hardhat ทุกบทบาท",
                "use the published keys of Anvil and Hardhat for every role",
            ),
        ),
    ] = False,
) -> None:
    """Deploy with the keyfile and the configuration given, or with development keys."""
    import asyncio

    from deploy.city import parse_config
    from ledger.chain.signer import KeySigner
    from wallet_cli.embedded import development_config
    from wallet_cli.embedded import development_keys as published_keys
    from wallet_cli.exit_codes import ExitCode
    from wallet_cli.failures import failure

    if config is None and not development_keys:
        raise failure(
            ExitCode.USAGE,
            "configuration_needed",
            th="ระบุไฟล์ตั้งค่าเมือง หรือ --development-keys",
            en="name the city's configuration file, or say --development-keys",
        )
    keys = published_keys()
    chosen = parse_config(read_file(config)) if config else development_config(keys)
    signer: Signer = keys["admin"] if development_keys else KeySigner(desk.key.private_key)
    deployed, path = asyncio.run(_deploy(desk, signer, chosen, records))
    desk.printer.record(
        _DEPLOYMENT,
        {
            "chain_id": deployed.chain_id,
            "block": deployed.block,
            "record": str(path),
            "contracts": {name: each.address for name, each in deployed.contracts.items()},
            "roles": {role: list(holders) for role, holders in deployed.roles.items()},
        },
    )
