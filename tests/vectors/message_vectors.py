"""Signed messages, their digests and signatures, and batches of entries."""

from __future__ import annotations

from ledger.domain import clock, redemption, signatures, typed_data
from ledger.domain.hashing import keccak
from ledger.domain.redemption import Entry, Maximum, SignedRedemption
from tests.vectors.notation import (
    BOOK,
    CHAIN_ID,
    NOON,
    POLICY,
    SEPARATOR,
    STARTS,
    U24,
    U32,
    Json,
    counted,
    key,
    text,
    word,
)


def signed(index: int, merchant: int, bill: int, amount: int, copay: int, step: int) -> Json:
    unsigned = SignedRedemption(
        campaign=7,
        merchant=merchant,
        bill=bill,
        amount=amount,
        copay=copay,
        signed_at=clock.signed_at_of(STARTS, step),
    )
    digest = typed_data.redemption_digest(SEPARATOR, unsigned)
    private_key = key(f"holder {index}")
    r, vs = signatures.sign(digest, private_key)
    return {
        "private_key": text(private_key),
        "signer": signatures.address_of(private_key),
        "pass": index,
        "campaign": unsigned.campaign,
        "merchant": merchant,
        "bill": bill,
        "amount": amount,
        "copay": copay,
        "step": step,
        "signed_at": unsigned.signed_at,
        "digest": text(digest),
        "r": text(r),
        "vs": text(vs),
        "id": redemption.redemption_id(SEPARATOR, unsigned.campaign, index, step),
    }


def redemptions() -> list[Json]:
    return [
        signed(1, 3, 10_000, 5_000, 0, 1),
        signed(2, 3, 10_001, 5_001, 5_000, 1441),
        signed(3, 0, 40_000, 20_000, 0, 1441),
        signed(255, 1, U32, U24, U32 - U24, 2**21 - 1),
        signed(256, U32, 1, 1, 0, 86_400),
    ]


def entry(of: Json, taken: Json | None = None) -> Entry:
    """The entry of a signed redemption; `taken` where the holder named no merchant."""
    shop = taken or of
    maximum = Maximum(bill=of["bill"], amount=of["amount"], copay=of["copay"]) if taken else None
    return Entry(
        step=of["step"],
        merchant=shop["merchant"],
        bill=shop["bill"],
        amount=shop["amount"],
        copay=shop["copay"],
        maximum=maximum,
        r=bytes.fromhex(of["r"][2:]),
        vs=bytes.fromhex(of["vs"][2:]),
    )


def batch(entries: list[Entry]) -> Json:
    packed = redemption.pack_batch(entries)
    return {
        "campaign": 7,
        "starts": STARTS,
        "bytes": text(packed),
        "count": len(entries),
        "entries": [
            {
                "step": one.step,
                "merchant": one.merchant,
                "bill": one.bill,
                "amount": one.amount,
                "copay": one.copay,
                "unnamed": one.maximum is not None,
                "maximum_bill": one.maximum.bill if one.maximum else 0,
                "maximum_amount": one.maximum.amount if one.maximum else 0,
                "maximum_copay": one.maximum.copay if one.maximum else 0,
                "r": text(one.r),
                "vs": text(one.vs),
            }
            for one in entries
        ],
    }


def void() -> Json:
    fields = {
        "campaign": 7, "merchant": 3, "amount": 2_000,
        "signed_at": clock.signed_at_of(STARTS, 1441), "voided_at": NOON + 3_601,
    }  # fmt: skip
    digest = typed_data.void_digest(SEPARATOR, pass_number=2, **fields)
    return _message(key("merchant 3"), digest, {**fields, "pass": 2})


def receipt() -> Json:
    fields = {
        "campaign": 7, "merchant": 3, "bill": 10_001, "amount": 5_001, "copay": 5_000,
        "signed_at": clock.signed_at_of(STARTS, 1441), "accepted_at": NOON + 2,
    }  # fmt: skip
    digest = typed_data.receipt_digest(SEPARATOR, pass_number=2, policy=POLICY, **fields)
    return _message(key("sequencer"), digest, {**fields, "pass": 2, "policy": text(POLICY)})


def request(method: str, path: str, body: bytes) -> Json:
    digest = typed_data.request_digest(
        SEPARATOR, method=method, path=path, body=body, signed_at=NOON
    )
    fields = {
        "method": method, "path": path, "body_text": body.decode(),
        "body": text(keccak(body)), "signed_at": NOON,
    }  # fmt: skip
    return _message(key("holder 1"), digest, fields)


def _message(private_key: bytes, digest: bytes, fields: Json) -> Json:
    r, vs = signatures.sign(digest, private_key)
    return {
        "private_key": text(private_key),
        "signer": signatures.address_of(private_key),
        **fields,
        "digest": text(digest),
        "r": text(r),
        "vs": text(vs),
    }


def refused_signatures(of: Json) -> list[Json]:
    """Bytes for which nobody may ever be recovered, over the digest of a real redemption."""
    r, vs = int(of["r"], 16), int(of["vs"], 16)
    parity = vs >> 255
    half, zero = signatures.HALF_ORDER, 0
    cases = {
        "zero r": (zero, vs),
        "zero s": (r, parity << 255),
        "all zero": (zero, zero),
        "s just above the half of the order": (r, half + 1 | parity << 255),
        "r is the order": (signatures.ORDER, vs),
        "r beyond the order": (2**256 - 1, vs),
        "r on no point of the curve": (5, vs),
    }
    return [
        {"why": why, "digest": of["digest"], "r": word(case[0]), "vs": word(case[1])}
        for why, case in cases.items()
    ]


def spellings(of: Json) -> Json:
    """One signature as others write it: those that are read, and those that are refused."""
    r, vs = int(of["r"], 16), int(of["vs"], 16)
    s, parity = vs & (2**255 - 1), vs >> 255
    both = word(r), word(s)[2:]
    twin = word(r) + word(signatures.ORDER - s)[2:]
    return {
        "digest": of["digest"],
        "r": of["r"],
        "vs": of["vs"],
        "read": counted(
            [of["r"] + of["vs"][2:], *("".join(both) + f"{v:02x}" for v in (parity, 27 + parity))]
        ),
        "refused": counted(
            [
                *(twin + f"{v:02x}" for v in (1 - parity, 28 - parity)),
                *("".join(both) + f"{v:02x}" for v in (2, 26, 29, 35, 255)),
                "0x",
                "0x" + "00" * 64,
                "0x" + "00" * 65,
                "".join(both)[:-2],
                "".join(both) + "1b00",
            ]
        ),
    }


def redemption_file() -> Json:
    made = redemptions()
    taken = {"merchant": 5, "bill": 31_000, "amount": 15_500, "copay": 0}
    entries = [entry(made[0]), entry(made[1]), entry(made[2], taken), entry(made[3])]
    return {
        "domain": {
            "chain_id": CHAIN_ID,
            "book": BOOK,
            "separator": text(SEPARATOR),
            "tag": text(typed_data.deployment_tag(SEPARATOR)),
        },
        "typehashes": {
            "Redemption": text(typed_data.REDEMPTION_TYPEHASH),
            "Void": text(typed_data.VOID_TYPEHASH),
            "Receipt": text(typed_data.RECEIPT_TYPEHASH),
            "Request": text(typed_data.REQUEST_TYPEHASH),
        },
        "redemptions": counted(made),
        "batches": counted(
            [batch(entries[:1]), batch(entries), batch([entries[2]]), batch(entries * 3)]
        ),
        "voids": counted([void()]),
        "receipts": counted([receipt()]),
        "requests": counted(
            [
                request("GET", "/v1/me/coupons?limit=20", b""),
                request("POST", "/v1/redemptions", '{"ร้าน":3}'.encode()),
            ]
        ),
        "refused_signatures": counted(refused_signatures(made[1])),
        "spellings": counted([spellings(one) for one in made[:2]]),
    }
