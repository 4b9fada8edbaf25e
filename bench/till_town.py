"""The town of the till's benchmark: a real devnet city at lunch, and its database to copy from."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from bench.index_city import ENROL_AT_ONCE, send
from deploy.city import ROLES, one_key_each
from deploy.deploy import deploy, record_path
from ledger.chain.deployment import Deployment
from ledger.chain.encoding import encode_call
from ledger.chain.gateway import Gateway
from ledger.chain.signer import DevSigner
from ledger.db.migrate import migrate
from ledger.db.policies import StoredPolicy, keep_policy
from ledger.db.session import make_engine, transaction
from ledger.domain.hashing import address_bytes, keccak
from ledger.domain.policy import parse_policy, policy_terms
from ledger.domain.policy_document import Policy
from ledger.domain.signatures import address_of
from ledger.indexer.source import source_of
from ledger.indexer.sync import sync_once
from tests.databases import POSTGRESQL, copy_rows, migrated, sqlite_url
from tests.postgres import Cluster

RESIDENTS: Final = 2_000
SHOPS: Final = 200
CAMPAIGN: Final = 1
BUDGET: Final = 10**9
SECOND_SENDER: Final = len(ROLES)
"""The number of the development key that a second naive server sends with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """What is deployed, and a fresh database of it, of a kind, for as long as a block lasts."""

    deployment: Deployment
    record: Path
    starts: int
    database: Callable[[str], AbstractContextManager[str]]


def resident_key(number: int) -> bytes:
    """The key of resident `number`, from 0."""
    return keccak(b"bench resident" + number.to_bytes(4, "big"))


def lunch(today: datetime) -> Policy:
    """A lunch coupon for everyone, open all day, from yesterday on."""
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [(midnight + timedelta(days=offset)).strftime("%Y-%m-%d") for offset in (-1, 30)]
    document: dict[str, Any] = {
        "version": 1,
        "name": {"th": "ข้าวกลางวัน", "en": "Lunch"},
        "window": {
            "starts": f"{days[0]}T00:00:00+07:00",
            "ends": f"{days[1]}T00:00:00+07:00",
        },
        "hours": {"every_day": ["00:00", "24:00"]},
        "share_basis_points": 5_000,
        "allowance": "1000000",
        "per_use_max": "20000",
        "per_day_max": "500000",
        "audience": ["resident"],
        "categories": ["restaurant"],
        "districts": "any",
        "same_district": False,
        "issue": "everyone",
    }
    return parse_policy(orjson.dumps(document))


async def found_town(gateway: Gateway, directory: Path, cluster: Cluster) -> Town:
    """Deploy, enrol, register, open the campaign, read it all into a database of each kind."""
    signers = {role: DevSigner.numbered(index) for index, role in enumerate(ROLES)}
    config = one_key_each(
        {role: signer.address for role, signer in signers.items()},
        city_accounts=(signers["TREASURER"].address,),
    )
    deployment = await deploy(gateway.url, signers["ADMIN"], config, directory)
    policy = lunch(datetime.now(UTC))
    await _open(gateway, deployment, signers, policy)
    original = directory / "town.sqlite3"
    await _read(gateway, deployment, policy, sqlite_url(original))
    template = await migrated(cluster, "template_town")
    await copy_rows(sqlite_url(original), cluster.url(template))
    copies = iter(range(1_000))

    @contextmanager
    def database(kind: str) -> Iterator[str]:
        # Nobody is to wait for the disk, or for a vacuum, of what an earlier one wrote.
        if kind == POSTGRESQL:
            name = cluster.create(template=template)
            cluster.execute("CHECKPOINT")
            os.sync()
            yield cluster.url(name)
            cluster.drop(name)
        else:
            copied = directory / f"{next(copies)}.sqlite3"
            shutil.copy(original, copied)
            os.sync()
            yield sqlite_url(copied)
            for left in directory.glob(f"{copied.name}*"):
                left.unlink()

    return Town(
        deployment=deployment,
        record=record_path(directory, deployment.chain_id),
        starts=policy.starts,
        database=database,
    )


async def _open(
    gateway: Gateway, deployment: Deployment, signers: dict[str, DevSigner], policy: Policy
) -> None:
    addresses = {name: contract.address for name, contract in deployment.contracts.items()}

    async def tell(role: str, contract: str, function: str, *arguments: Any) -> None:
        data = encode_call(contract, function, *arguments)
        await send(gateway, signers[role].address, addresses[contract], data)

    second = DevSigner.numbered(SECOND_SENDER).address
    await tell("ADMIN", "AccessManager", "grantRole", ROLES["SEQUENCER"], second, 0)
    holders = [address_bytes(address_of(resident_key(number))) for number in range(RESIDENTS)]
    for first in range(0, RESIDENTS, ENROL_AT_ONCE):
        some = b"".join(holders[first : first + ENROL_AT_ONCE])
        await tell("REGISTRAR", "CityPass", "enrol", 0, 1, 0, 0, some)
    for number in range(SHOPS):
        payout = address_of(keccak(b"bench shop" + number.to_bytes(2, "big")))
        await tell("REGISTRAR", "MerchantRegistry", "register", payout, 0, 1)
    terms = policy_terms(policy, addresses["CityToken"])
    await tell("CAMPAIGN_OFFICER", "CouponBook", "draft", terms)
    await tell("APPROVER", "CouponBook", "approve", CAMPAIGN)
    treasurer = signers["TREASURER"].address
    await tell("TREASURER", "CityToken", "mint", treasurer, BUDGET, keccak(b"budget"))
    await tell("TREASURER", "CityToken", "approve", addresses["CouponBook"], BUDGET)
    await tell("TREASURER", "CouponBook", "fund", CAMPAIGN, BUDGET)
    await tell("ISSUER", "CouponBook", "issue", CAMPAIGN)


async def _read(gateway: Gateway, deployment: Deployment, policy: Policy, url: str) -> None:
    engine = make_engine(url)
    await migrate(engine)
    await sync_once(gateway, engine, source_of(deployment))
    stored = StoredPolicy(
        hash="0x" + policy.hash.hex(),
        canonical=policy.canonical,
        name_th=policy.name.th,
        name_en=policy.name.en,
    )
    async with transaction(engine) as session:
        await keep_policy(session, stored, now=policy.starts)
    await engine.dispose()
