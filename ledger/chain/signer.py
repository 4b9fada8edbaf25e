"""Who signs: one protocol for keyfiles, development keys and, later, remote signers."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import orjson
import rlp  # type: ignore[import-untyped]

from ledger.domain.hashing import keccak
from ledger.domain.signatures import SigningKey, address_of
from ledger.errors import DevelopmentKeyRefused, InputInvalid

DEVNET_CHAIN_IDS: Final = frozenset({31337, 1337})

DEVELOPMENT_MNEMONIC: Final = "test test test test test test test test test test test junk"

DEVELOPMENT_ADDRESSES: Final = frozenset(
    {
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
        "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
        "0x90F79bf6EB2c4f870365E785982E1f101E93b906",
        "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65",
        "0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc",
        "0x976EA74026E726554dB657fA54763abd0C3a0aa9",
        "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955",
        "0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f",
        "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720",
        "0xBcd4042DE499D14e55001CcbB24a551F3b954096",
        "0x71bE63f3384f5fb98995898A86B02Fb2426c5788",
        "0xFABB0ac9d68B0B445fB7357272Ff202C5651694a",
        "0x1CBd3b2770909D4e10f157cABC84C7264073C9Ec",
        "0xdF3e18d64BC6A983f673Ab319CCaE4f1a57C7097",
        "0xcd3B766CCDd6AE721141F452C550Ca635964ce71",
        "0x2546BcD3c84621e976D8185a91A922aE77ECEc30",
        "0xbDA5747bFD65F08deb54cb465eB87D40e51B197E",
        "0xdD2FD4581271e230360230F9337D5c0430Bf44C0",
        "0x8626f6940E2eb28930eFb4CeF49B2d1F2C9C1199",
    }
)
"""The accounts of the mnemonic that Anvil and Hardhat print: the whole world has their keys."""


class Signer(Protocol):
    """Something that holds one secp256k1 key and never shows it."""

    @property
    def address(self) -> str:
        """Checksummed address of the key."""
        ...

    async def sign_digest(self, digest: bytes) -> tuple[bytes, bytes]:
        """Sign 32 bytes: `(r, vs)`, the EIP-2098 compact form with the low `s`."""
        ...


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A key held in memory. It is not shown by `repr`."""

    private_key: bytes = field(repr=False)
    address: str = field(init=False)
    _key: SigningKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", address_of(self.private_key))
        object.__setattr__(self, "_key", SigningKey(self.private_key))

    async def sign_digest(self, digest: bytes) -> tuple[bytes, bytes]:
        """Sign 32 bytes: `(r, vs)`."""
        return self._key.sign(digest)


class KeyfileSigner(KeySigner):
    """A key out of an encrypted V3 keyfile (Web3 Secret Storage)."""

    @classmethod
    async def open(cls, path: Path, password: str) -> "KeyfileSigner":
        """Decrypt `path`. Refuses a wrong password or another file format: InputInvalid."""
        return cls(await asyncio.to_thread(read_keyfile, path, password))


class DevSigner(KeySigner):
    """A key of the well-known development mnemonic, or any other key that guards nothing."""

    @classmethod
    def numbered(cls, index: int) -> "DevSigner":
        """Account `index` of the mnemonic that Anvil and Hardhat print."""
        from eth_account import Account

        Account.enable_unaudited_hdwallet_features()
        path = f"m/44'/60'/0'/0/{index}"
        account = Account.from_mnemonic(DEVELOPMENT_MNEMONIC, account_path=path)
        return cls(bytes(account.key))


def read_keyfile(path: Path, password: str) -> bytes:
    """The private key in a V3 keyfile. InputInvalid when `password` does not open it."""
    try:
        document = path.read_bytes()
    except OSError as error:
        raise InputInvalid(what=f"keyfile {path.name}", why=str(error)) from error
    return keyfile_in(document, password, name=path.name)


def keyfile_in(document: bytes, password: str, *, name: str = "") -> bytes:
    """The private key in the bytes of a V3 keyfile. InputInvalid as `read_keyfile`."""
    from eth_account import Account

    try:
        return bytes(Account.decrypt(orjson.loads(document), password))
    except (ValueError, TypeError, KeyError) as error:
        raise InputInvalid(what=f"keyfile {name}".strip(), why=str(error)) from error


def keyfile_of(private_key: bytes, password: str, *, iterations: int | None = None) -> bytes:
    """The V3 keyfile (scrypt) that `read_keyfile` opens again with the same password."""
    from eth_account import Account

    return orjson.dumps(Account.encrypt(private_key, password, iterations=iterations))


def refuse_development_key(address: str, chain_id: int) -> None:
    """Raise DevelopmentKeyRefused when a key everybody has is used where it would matter."""
    if chain_id not in DEVNET_CHAIN_IDS and address in DEVELOPMENT_ADDRESSES:
        raise DevelopmentKeyRefused(address=address, chain_id=chain_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """The fields of an EIP-1559 transaction. `to` is None when it creates a contract."""

    chain_id: int
    account_nonce: int
    priority_fee_wei: int
    fee_wei_max: int
    gas_limit: int
    to: str | None
    data: bytes
    value_wei: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTransaction:
    """What is stored before it is sent: the bytes and the hash the chain will know them by."""

    raw: bytes
    hash: str


async def sign_transaction(signer: Signer, transaction: Transaction) -> SignedTransaction:
    """Sign an EIP-1559 transaction. The same fields and key always give the same bytes."""
    fields: list[object] = [
        transaction.chain_id,
        transaction.account_nonce,
        transaction.priority_fee_wei,
        transaction.fee_wei_max,
        transaction.gas_limit,
        bytes.fromhex(transaction.to.removeprefix("0x")) if transaction.to else b"",
        transaction.value_wei,
        transaction.data,
        [],
    ]
    r, vs = await signer.sign_digest(keccak(b"\x02" + rlp.encode(fields)))
    compact = int.from_bytes(vs, "big")
    signature = [compact >> 255, int.from_bytes(r, "big"), compact & ((1 << 255) - 1)]
    raw = b"\x02" + rlp.encode([*fields, *signature])
    return SignedTransaction(raw=raw, hash="0x" + keccak(raw).hex())
