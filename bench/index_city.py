"""A chain with many redemptions, for the index benchmark: real contracts, real signatures."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import solcx

from deploy.city import ROLES, one_key_each
from deploy.compile import collect_sources, compiler_settings, find_compiler
from deploy.deploy import deploy, record_path
from ledger.chain.deployment import Deployment
from ledger.chain.encoding import encode_call, encode_values
from ledger.chain.gateway import Gateway
from ledger.chain.signer import DevSigner
from ledger.domain.campaign import Terms
from ledger.domain.clock import signed_at_of
from ledger.domain.hashing import address_bytes, keccak
from ledger.domain.redemption import Entry, pack_batch
from ledger.domain.signatures import address_of, sign
from ledger.domain.typed_data import redemption_digest
from ledger.errors import NodeUnreachable

MILL: Final = "bench/contracts/RedeemMany.sol"
PASSES: Final = 2_000
ENROL_AT_ONCE: Final = 250
MERCHANTS: Final = 10
CAMPAIGNS: Final = 2
BILL: Final = 100
AMOUNT: Final = 50
BUDGET: Final = 10**9
FIRST_STEP: Final = 1_000
REDEEM_SIGNATURE: Final = b"redeem(address,uint32,bytes[])"
BATCHES_PER_TX: Final = 200
PACKED_PER_TX: Final = 600
RECEIPT_POLLS_MAX: Final = 15_000
GAS: Final = hex(16_700_000)


@dataclass(slots=True, kw_only=True)
class BenchCity:
    """A deployed city whose sequencer is a contract that brings many batches at once.

    `used` counts the redemptions made of each campaign: pass and step follow from it.
    """

    gateway: Gateway
    deployment: Deployment
    record: Path
    signers: dict[str, DevSigner]
    terms: Terms
    mill: str
    keys: list[bytes]
    used: dict[int, int]

    def entries(self, campaign: int, count: int) -> list[Entry]:
        """The next `count` redemptions of a campaign, signed: pass after pass, then a step on."""
        start = self.used[campaign]
        self.used[campaign] += count
        return [self._entry(campaign, index) for index in range(start, start + count)]

    def _entry(self, campaign: int, index: int) -> Entry:
        step, holder = divmod(index, PASSES)
        bare = Entry(
            step=FIRST_STEP + step,
            merchant=1 + holder % MERCHANTS,
            bill=BILL,
            amount=AMOUNT,
            copay=0,
            r=bytes(32),
            vs=bytes(32),
        )
        message = bare.signed(campaign, signed_at_of(self.terms.starts, bare.step))
        digest = redemption_digest(self.deployment.domain_separator, message)
        r, vs = sign(digest, self.keys[holder])
        return replace(bare, r=r, vs=vs)

    async def redeem(self, campaign: int, count: int, *, batch_entries: int) -> None:
        """Put `count` more redemptions on the chain, `batch_entries` to an event.

        The next transaction is signed while the node is busy with the one before.
        """
        at_once = BATCHES_PER_TX if batch_entries == 1 else PACKED_PER_TX // batch_entries
        sender, sending = self.signers["ADMIN"].address, None
        left = count
        while left:
            size = min(left, at_once * batch_entries)
            left -= size
            data = await asyncio.to_thread(self._calldata, campaign, size, batch_entries)
            if sending is not None:
                await sending
            sending = asyncio.create_task(send(self.gateway, sender, self.mill, data))
        if sending is not None:
            await sending

    def _calldata(self, campaign: int, size: int, batch_entries: int) -> bytes:
        entries = self.entries(campaign, size)
        batches = [
            pack_batch(entries[start : start + batch_entries])
            for start in range(0, size, batch_entries)
        ]
        book = self.deployment.contracts["CouponBook"].address
        return keccak(REDEEM_SIGNATURE)[:4] + encode_values(
            ("address", "uint32", "bytes[]"), (book, campaign, batches), what="RedeemMany"
        )


async def send(gateway: Gateway, sender: str, to: str | None, data: bytes) -> dict[str, Any]:
    """A transaction of one of Anvil's own accounts, waited for; it must succeed."""
    request = {"from": sender, "data": "0x" + data.hex(), "gas": GAS}
    if to is not None:
        request["to"] = to
    tx_hash = await gateway.rpc("eth_sendTransaction", [request], repeat=False)
    for _ in range(RECEIPT_POLLS_MAX):
        receipt = await gateway.receipt(tx_hash)
        if receipt is not None:
            assert int(receipt["status"], 16) == 1, receipt
            return receipt
        await asyncio.sleep(0.002)
    raise NodeUnreachable(url=gateway.url, why="no block for a bench transaction")


async def found(gateway: Gateway, directory: Path) -> BenchCity:
    """Deploy a city, enrol its passes, register its merchants, open its campaigns."""
    signers = {role: DevSigner.numbered(index) for index, role in enumerate(ROLES)}
    config = one_key_each(
        {role: signer.address for role, signer in signers.items()},
        city_accounts=(signers["TREASURER"].address,),
    )
    deployment = await deploy(gateway.url, signers["ADMIN"], config, directory)
    addresses = {name: contract.address for name, contract in deployment.contracts.items()}

    async def tell(role: str, contract: str, function: str, *arguments: Any) -> None:
        data = encode_call(contract, function, *arguments)
        await send(gateway, signers[role].address, addresses[contract], data)

    created = await send(gateway, signers["ADMIN"].address, None, _mill_code())
    mill = created["contractAddress"]
    await tell("ADMIN", "AccessManager", "grantRole", ROLES["SEQUENCER"], mill, 0)
    keys = [keccak(b"bench holder" + index.to_bytes(4, "big")) for index in range(PASSES)]
    for first in range(0, PASSES, ENROL_AT_ONCE):
        holders = b"".join(
            address_bytes(address_of(key)) for key in keys[first : first + ENROL_AT_ONCE]
        )
        await tell("REGISTRAR", "CityPass", "enrol", 0, 1, 0, 0, holders)
    for number in range(MERCHANTS):
        payout = address_of(keccak(b"bench merchant" + bytes([number])))
        await tell("REGISTRAR", "MerchantRegistry", "register", payout, 0, 1)
    terms = await _terms(gateway, addresses["CityToken"])
    for campaign in range(1, CAMPAIGNS + 1):
        await tell("CAMPAIGN_OFFICER", "CouponBook", "draft", terms)
        await tell("APPROVER", "CouponBook", "approve", campaign)
        treasurer = signers["TREASURER"].address
        await tell("TREASURER", "CityToken", "mint", treasurer, BUDGET, keccak(b"budget"))
        await tell("TREASURER", "CityToken", "approve", addresses["CouponBook"], BUDGET)
        await tell("TREASURER", "CouponBook", "fund", campaign, BUDGET)
        await tell("ISSUER", "CouponBook", "issue", campaign)
    return BenchCity(
        gateway=gateway,
        deployment=deployment,
        record=record_path(directory, deployment.chain_id),
        signers=signers,
        terms=terms,
        mill=mill,
        keys=keys,
        used=dict.fromkeys(range(1, CAMPAIGNS + 1), 0),
    )


async def _terms(gateway: Gateway, token: str) -> Terms:
    head = await gateway.block("latest")
    assert head is not None
    starts = head.time - 86_400
    return Terms(
        policy_hash=keccak(b"bench"),
        token=token,
        starts=starts,
        ends=starts + 60 * 86_400,
        first_use_by=0,
        share_basis_points=5_000,
        allowance=1_000_000,
        per_use_max=20_000,
        per_day_max=500_000,
        bill_min=0,
        audience=1,
        categories=1,
        districts=2,
        open_hours=(1 << 168) - 1,
        same_district=True,
        list_hash=bytes(32),
        list_count=0,
    )


def _mill_code() -> bytes:
    output = solcx.compile_standard(
        {
            "language": "Solidity",
            "sources": {name: {"content": text} for name, text in collect_sources([MILL]).items()},
            "settings": {
                **compiler_settings(),
                "outputSelection": {MILL: {"RedeemMany": ["evm.bytecode.object"]}},
            },
        },
        solc_binary=find_compiler().binary,
    )
    code: str = output["contracts"][MILL]["RedeemMany"]["evm"]["bytecode"]["object"]
    return bytes.fromhex(code)
