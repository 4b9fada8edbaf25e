"""What others cost, measured on the same chain in the same run."""

from typing import Any, Final

from bench.compiled import Compiled
from bench.gas_chain import Chain
from bench.gas_city import key_of
from ledger.domain.hashing import keccak
from ledger.domain.signatures import address_of, sign
from ledger.domain.typed_data import DOMAIN

MANY: Final = 100
FAR: Final = 2**40
ID: Final = 1
PERMIT: Final = keccak(
    b"Permit(address holder,uint256 id,uint256 amount,uint256 nonce,uint256 deadline)"
)


async def voucher_1155(chain: Chain, contracts: dict[str, Compiled]) -> dict[str, int]:
    """OpenZeppelin's ERC-1155: mint, and burn by permit; alone and a hundred in one transaction."""
    voucher = contracts["Voucher1155"]
    admin = chain.accounts[0]
    at = await chain.create(voucher)
    separator = keccak(
        keccak(DOMAIN.encode())
        + keccak(b"Voucher")
        + keccak(b"1")
        + (await chain.gateway.chain_id()).to_bytes(32, "big")
        + bytes(12)
        + bytes.fromhex(at[2:])
    )
    holders = [address_of(key_of(holder)) for holder in range(1, 2 * MANY + 1)]
    many = await chain.send(admin, at, voucher.call("mintMany", holders[:MANY], ID, 3))
    for holder in holders[MANY:]:
        one = await chain.send(admin, at, voucher.call("mint", holder, ID, 3))

    # The first burn of a holder also pays for its nonce; the second is "second use onward".
    for nonce in range(2):
        permits = [_permit(separator, number, nonce) for number in range(1, MANY + 1)]
        looped = await chain.send(admin, at, voucher.call("burnMany", permits))
        burn = await chain.send(
            admin, at, voucher.call("burn", _permit(separator, MANY + 1, nonce))
        )
    return {
        "oz1155_mint": many.gas // MANY,
        "oz1155_mint_n1": one.gas,
        "oz1155_permit_burn": burn.gas,
        "oz1155_permit_burn_n100": looped.gas // MANY,
    }


def _permit(separator: bytes, holder: int, nonce: int) -> tuple[Any, ...]:
    key = key_of(holder)
    address = address_of(key)
    words = [ID, 1, nonce, FAR]
    message = PERMIT + bytes(12) + bytes.fromhex(address[2:])
    message += b"".join(word.to_bytes(32, "big") for word in words)
    r, vs = sign(keccak(b"\x19\x01" + separator + keccak(message)), key)
    packed = int.from_bytes(vs, "big")
    s = (packed & ((1 << 255) - 1)).to_bytes(32, "big")
    return (address, ID, 1, FAR, 27 + (packed >> 255), r, s)


async def purpose_bound_money(chain: Chain, contracts: dict[str, Compiled]) -> dict[str, int]:
    """An ERC-7291-style wrapper: wrap for a new holder, and the holder's redeeming transfer."""
    admin, holder, merchant = chain.accounts[0], chain.accounts[9], chain.accounts[8]
    spot, merchants = contracts["SpotMoney"], contracts["MerchantList"]
    wrapper = contracts["PurposeBoundMoney"]
    money = await chain.create(spot)
    listed = await chain.create(merchants)
    at = await chain.create(wrapper, money, listed)
    await chain.send(admin, listed, merchants.call("add", [merchant]))
    await chain.send(admin, at, wrapper.call("create", "Lunch", 6_000, FAR))
    await chain.send(admin, money, spot.call("approve", at, 10**15))
    wrap = wrapper.call("mint", holder, 0, 10, b"")
    to_other = wrapper.call("mint", chain.accounts[7], 0, 10, b"")
    await chain.send(admin, at, to_other)
    issue = await chain.send(admin, at, wrap)
    pay = wrapper.call("safeTransferFrom", holder, merchant, 0, 1, b"")
    await chain.send(holder, at, pay)
    redeem = await chain.send(holder, at, pay)
    return {"erc7291_issue": issue.gas, "erc7291_redeem": redeem.gas}
