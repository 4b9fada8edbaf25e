"""Signers: keyfiles that others can open, transactions that others would sign alike."""

from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.signer import (
    DEVELOPMENT_ADDRESSES,
    DevSigner,
    KeyfileSigner,
    KeySigner,
    Transaction,
    keyfile_of,
    refuse_development_key,
    sign_transaction,
)
from ledger.domain.hashing import checksum_address
from ledger.domain.signatures import recover
from ledger.errors import DevelopmentKeyRefused, InputInvalid

KEY = bytes(range(1, 33))


@given(
    nonce=st.integers(0, 2**40),
    fee=st.integers(0, 2**60),
    gas=st.integers(21_000, 2**24),
    value=st.integers(0, 2**90),
    data=st.binary(max_size=300),
    to=st.none() | st.binary(min_size=20, max_size=20),
)
async def test_a_transaction_is_signed_as_eth_account_would(
    nonce: int, fee: int, gas: int, value: int, data: bytes, to: bytes | None
) -> None:
    address = None if to is None else checksum_address(to)
    signed = await sign_transaction(
        KeySigner(KEY),
        Transaction(
            chain_id=31337,
            account_nonce=nonce,
            priority_fee_wei=fee // 2,
            fee_wei_max=fee,
            gas_limit=gas,
            to=address,
            data=data,
            value_wei=value,
        ),
    )
    fields: dict[str, Any] = {
        "type": 2,
        "chainId": 31337,
        "nonce": nonce,
        "maxPriorityFeePerGas": fee // 2,
        "maxFeePerGas": fee,
        "gas": gas,
        "data": data,
        "value": value,
    }
    if address is not None:
        fields["to"] = address
    theirs = Account.sign_transaction(fields, KEY)
    assert signed.raw == bytes(theirs.raw_transaction)
    assert signed.hash == "0x" + bytes(theirs.hash).hex()


async def test_a_keyfile_opens_with_its_password_alone(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_bytes(keyfile_of(KEY, "ชาไทย", iterations=2))
    signer = await KeyfileSigner.open(path, "ชาไทย")
    r, vs = await signer.sign_digest(bytes(32))
    assert recover(bytes(32), r, vs) == signer.address == KeySigner(KEY).address
    assert bytes(Account.decrypt(path.read_text(), "ชาไทย")) == KEY
    for wrong in ("", "ชา", "ชาไทย "):
        with pytest.raises(InputInvalid):
            await KeyfileSigner.open(path, wrong)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b'{"version": 3}', b"\xff"])
async def test_a_file_that_is_no_keyfile_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.json"
    path.write_bytes(content)
    with pytest.raises(InputInvalid):
        await KeyfileSigner.open(path, "x")
    with pytest.raises(InputInvalid):
        await KeyfileSigner.open(tmp_path / "none.json", "x")


def test_a_key_is_never_shown() -> None:
    assert KEY.hex() not in repr(KeySigner(KEY)) and str(KEY) not in repr(KeySigner(KEY))


def test_development_keys_are_refused_on_any_chain_but_a_devnet() -> None:
    addresses = {DevSigner.numbered(index).address for index in range(20)}
    assert addresses == DEVELOPMENT_ADDRESSES
    for address in addresses:
        refuse_development_key(address, 31337)
        with pytest.raises(DevelopmentKeyRefused):
            refuse_development_key(address, 1)
    refuse_development_key(KeySigner(KEY).address, 1)
