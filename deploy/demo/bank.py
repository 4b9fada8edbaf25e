"""A simulated bank: it reads a payout file by itself, pays or returns each payment, and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from ledger.domain.amounts import parse_baht
from ledger.domain.payments import plain_baht

_OURS: Final = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
_ANSWER: Final = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
_PAID, _RETURNED = "ACSC", "RJCT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment as the bank reads it, in satang."""

    reference: str
    account: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFile:
    """What a bank finds in a file of pain.001.001.09."""

    reference: str
    payments: tuple[Payment, ...]

    @property
    def total(self) -> int:
        """What the payments come to."""
        return sum(payment.amount for payment in self.payments)


def read_payouts(content: bytes) -> PayoutFile:
    """The payments of a file that the city wrote."""
    root = ElementTree.fromstring(content)
    return PayoutFile(
        reference=_text(root, "GrpHdr/MsgId"),
        payments=tuple(
            Payment(
                reference=_text(node, "PmtId/EndToEndId"),
                account=_text(node, "CdtrAcct/Id/Othr/Id"),
                amount=parse_baht(_text(node, "Amt/InstdAmt")),
            )
            for node in root.iter(_OURS + "CdtTrfTxInf")
        ),
    )


def _text(node: ElementTree.Element, path: str) -> str:
    found = node.find(".//" + "/".join(_OURS + name for name in path.split("/")))
    assert found is not None and found.text is not None, path
    return found.text


def answer_payouts(file: PayoutFile, *, closed: str) -> bytes:
    """The bank's pain.002: everything is paid but what goes to the account `closed`."""
    rows = "".join(_transaction(payment, closed) for payment in file.payments)
    returned = [payment for payment in file.payments if payment.account == closed]
    paid = [payment for payment in file.payments if payment.account != closed]
    counts = _count(_PAID, paid) + _count(_RETURNED, returned)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{_ANSWER}"><CstmrPmtStsRpt>\n'
        f"<GrpHdr><MsgId>BANK-{file.reference}</MsgId>"
        "<CreDtTm>2026-01-09T16:30:00Z</CreDtTm></GrpHdr>\n"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{file.reference}</OrgnlMsgId>"
        "<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        f"<OrgnlNbOfTxs>{len(file.payments)}</OrgnlNbOfTxs>"
        f"<OrgnlCtrlSum>{plain_baht(file.total)}</OrgnlCtrlSum><GrpSts>PART</GrpSts>\n"
        f"{counts}</OrgnlGrpInfAndSts>\n"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{file.reference}</OrgnlPmtInfId>\n{rows}"
        "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>\n"
    ).encode()


def _count(code: str, payments: list[Payment]) -> str:
    if not payments:
        return ""
    total = plain_baht(sum(payment.amount for payment in payments))
    return (
        f"<NbOfTxsPerSts><DtldNbOfTxs>{len(payments)}</DtldNbOfTxs><DtldSts>{code}</DtldSts>"
        f"<DtldCtrlSum>{total}</DtldCtrlSum></NbOfTxsPerSts>\n"
    )


def _transaction(payment: Payment, closed: str) -> str:
    code, reason = _PAID, ""
    if payment.account == closed:
        code, reason = _RETURNED, "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>"
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{payment.reference}</OrgnlEndToEndId>"
        f"<TxSts>{code}</TxSts>{reason}<OrgnlTxRef><Amt>"
        f'<InstdAmt Ccy="THB">{plain_baht(payment.amount)}</InstdAmt></Amt></OrgnlTxRef>'
        "</TxInfAndSts>\n"
    )
