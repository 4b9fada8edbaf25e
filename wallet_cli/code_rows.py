"""A scanned code as a row: what it is and what it says, with nothing secret."""

from typing import Any, Final

from ledger.qr.codec import ChargeCode, Code, PaperCode, PresentCode, ReceiptCode
from wallet_cli.output import Column, Kind

_KIND: Final = Column("kind", "ชนิด", "Kind")
_CAMPAIGN: Final = Column("campaign", "โครงการ", "Campaign")
_PASS: Final = Column("pass", "บัตรสมาชิก", "Pass")
_MERCHANT: Final = Column("merchant", "ร้าน", "Shop")
_BILL: Final = Column("bill", "บิล", "Bill", Kind.BAHT)
_AMOUNT: Final = Column("amount", "เมืองจ่าย", "City pays", Kind.BAHT)
_COPAY: Final = Column("copay", "โทเคนที่จ่าย", "Tokens paid", Kind.BAHT)
_SIGNED: Final = Column("signed_at", "ลงลายเซ็นเมื่อ", "Signed at", Kind.TIME)
_ACCEPTED: Final = Column("accepted_at", "รับเมื่อ", "Accepted at", Kind.TIME)


def code_columns(code: Code) -> tuple[Column, ...]:
    """The figures a code of this kind has."""
    match code:
        case PresentCode():
            return (_KIND, _CAMPAIGN, _BILL, _AMOUNT, _COPAY, _SIGNED)
        case ChargeCode():
            return (_KIND, _MERCHANT, _BILL, Column("reference", "เลขอ้างอิง", "Reference"))
        case PaperCode():
            return (_KIND, Column("pin_needed", "ต้องใช้ PIN", "PIN needed"))
        case ReceiptCode():
            policy = Column("policy", "เงื่อนไข", "Policy")
            return (
                _KIND, _CAMPAIGN, _PASS, _MERCHANT, _BILL, _AMOUNT, _COPAY, _SIGNED, _ACCEPTED,
                policy,
            )  # fmt: skip


def code_row(code: Code) -> dict[str, Any]:
    """The figures themselves. A paper coupon's seed is a key and is never shown."""
    match code:
        case PresentCode():
            return {
                "kind": "present",
                "campaign": code.campaign,
                "bill": str(code.bill),
                "amount": str(code.amount),
                "copay": str(code.copay),
                "signed_at": code.signed_at,
            }
        case ChargeCode():
            return {
                "kind": "charge",
                "merchant": code.merchant,
                "bill": str(code.bill),
                "reference": code.reference.hex(),
            }
        case PaperCode():
            return {"kind": "paper", "pin_needed": code.pin_needed}
        case ReceiptCode():
            return {
                "kind": "receipt",
                "campaign": code.campaign,
                "pass": code.pass_number,
                "merchant": code.merchant,
                "bill": str(code.bill),
                "amount": str(code.amount),
                "copay": str(code.copay),
                "signed_at": code.signed_at,
                "accepted_at": code.accepted_at,
                "policy": "0x" + code.policy.hex(),
            }
