"""The neutral payout file: ISO 20022 pain.001.001.09, customer credit transfer initiation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ledger.domain.business_days import date_of
from ledger.domain.payments import BankAccount, Payment, PaymentFile, check_file, plain_baht

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
CURRENCY: Final = "THB"
CLEARING_SYSTEM: Final = "THCBC"
"""ISO's external code of the Thai central bank's clearing: its member ids are three digits."""


def render_pain001(file: PaymentFile) -> bytes:
    """The file as UTF-8 XML. Raises BankFileInvalid for a file that no bank should get."""
    check_file(file)
    document = Element("Document", {"xmlns": NAMESPACE})
    initiation = SubElement(document, "CstmrCdtTrfInitn")
    _group_header(initiation, file)
    _payment_information(initiation, file)
    indent(document, space=" ")
    body: bytes = tostring(document, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _text(parent: Element, path: str, value: str, **attributes: str) -> None:
    """Add the elements of a path below `parent`, the last with a text."""
    for name in path.split("/"):
        parent = SubElement(parent, name)
    parent.text = value
    parent.attrib.update(attributes)


def _group_header(parent: Element, file: PaymentFile) -> None:
    header = SubElement(parent, "GrpHdr")
    _text(header, "MsgId", file.reference)
    created = datetime.fromtimestamp(file.created_at, UTC)
    _text(header, "CreDtTm", f"{created:%Y-%m-%dT%H:%M:%SZ}")
    _text(header, "NbOfTxs", str(file.count))
    _text(header, "CtrlSum", plain_baht(file.total))
    _text(header, "InitgPty/Nm", file.debtor.name)


def _payment_information(parent: Element, file: PaymentFile) -> None:
    information = SubElement(parent, "PmtInf")
    _text(information, "PmtInfId", file.reference)
    _text(information, "PmtMtd", "TRF")
    _text(information, "BtchBookg", "true")
    _text(information, "NbOfTxs", str(file.count))
    _text(information, "CtrlSum", plain_baht(file.total))
    _text(information, "ReqdExctnDt/Dt", date_of(file.pay_on).isoformat())
    _text(information, "Dbtr/Nm", file.debtor.name)
    _account(information, "DbtrAcct", file.debtor)
    _agent(information, "DbtrAgt", file.debtor)
    _text(information, "ChrgBr", "DEBT")
    for payment in file.payments:
        _transfer(information, payment)


def _transfer(parent: Element, payment: Payment) -> None:
    transfer = SubElement(parent, "CdtTrfTxInf")
    _text(transfer, "PmtId/EndToEndId", payment.reference)
    _text(transfer, "Amt/InstdAmt", plain_baht(payment.amount), Ccy=CURRENCY)
    _agent(transfer, "CdtrAgt", payment.account)
    _text(transfer, "Cdtr/Nm", payment.account.name)
    _account(transfer, "CdtrAcct", payment.account)
    _text(transfer, "RmtInf/Ustrd", payment.reference)


def _agent(parent: Element, name: str, account: BankAccount) -> None:
    agent = SubElement(parent, name)
    member = SubElement(SubElement(agent, "FinInstnId"), "ClrSysMmbId")
    _text(member, "ClrSysId/Cd", CLEARING_SYSTEM)
    _text(member, "MmbId", account.bank)


def _account(parent: Element, name: str, account: BankAccount) -> None:
    _text(parent, f"{name}/Id/Othr/Id", account.number)
