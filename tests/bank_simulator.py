"""A small bank: takes a payout file, pays, rejects or later returns each payment, and answers.

It reads our files by itself, the XML by the standard library and the layouts by their records, so
that what it does not find in a file is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from xml.etree import ElementTree

from ledger.domain.bank_layout import BankLayout, write_record
from ledger.domain.bank_layout_answer import read_record

PAIN001 = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
PAIN002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
CODES = {"paid": "ACSC", "returned": "RJCT", "ordered": "PDNG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One payment as the bank reads it."""

    reference: str
    account: str
    amount: int
    outcome: str = "paid"


@dataclass(slots=True)
class Bank:
    """Accounts it knows to be closed are rejected; everything else is paid."""

    closed: set[str] = field(default_factory=set)
    file: str = ""
    payments: list[Received] = field(default_factory=list)

    def take_pain001(self, raw: bytes) -> None:
        root = ElementTree.fromstring(raw)
        (self.file,) = _texts(root, "GrpHdr/MsgId")
        self.payments = []
        for node in root.iter(PAIN001 + "CdtTrfTxInf"):
            ((reference,), (account,), (amount,)) = (
                _texts(node, path)
                for path in ("PmtId/EndToEndId", "CdtrAcct/Id/Othr/Id", "Amt/InstdAmt")
            )
            self._received(reference, account, _satang(amount))
        assert _texts(root, "GrpHdr/NbOfTxs") == [str(len(self.payments))]
        assert [_satang(t) for t in _texts(root, "GrpHdr/CtrlSum")] == [self.total()]

    def take_layout(self, layout: BankLayout, raw: bytes) -> None:
        header, *lines, trailer = raw.removesuffix(layout.line_end).split(layout.line_end)
        self.file = str(read_record(layout, layout.payout.header, header)["file.reference"])
        self.payments = []
        for line in lines:
            values = read_record(layout, layout.payout.payment, line)
            self._received(
                str(values["payment.reference"]),
                str(values["payment.number"]).lstrip("0"),
                int(values["payment.amount"]),
            )
        last = read_record(layout, layout.payout.trailer, trailer)
        assert (last["file.count"], last["file.total"]) == (len(self.payments), self.total())

    def _received(self, reference: str, account: str, amount: int) -> None:
        outcome = "returned" if account.lstrip("0") in self.closed else "paid"
        self.payments.append(
            Received(reference=reference, account=account, amount=amount, outcome=outcome)
        )

    def total(self) -> int:
        return sum(payment.amount for payment in self.payments)

    def give_back(self, account: str) -> list[Received]:
        """Days later: the payment to an account comes back."""
        found = [p for p in self.payments if p.account.lstrip("0") == account.lstrip("0")]
        return [replace(payment, outcome="returned") for payment in found]

    def answer_pain002(self, payments: list[Received] | None = None) -> bytes:
        told = self.payments if payments is None else payments
        rows = "".join(_transaction(payment) for payment in told)
        counts = "".join(
            f"<NbOfTxsPerSts><DtldNbOfTxs>{len(same)}</DtldNbOfTxs><DtldSts>{CODES[word]}</DtldSts>"
            f"<DtldCtrlSum>{_baht(sum(p.amount for p in same))}</DtldCtrlSum></NbOfTxsPerSts>\n"
            for word in CODES
            if (same := [p for p in told if p.outcome == word])
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<Document xmlns="{PAIN002}"><CstmrPmtStsRpt>\n'
            "<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2025-10-30T10:00:00Z</CreDtTm></GrpHdr>\n"
            f"<OrgnlGrpInfAndSts><OrgnlMsgId>{self.file}</OrgnlMsgId>\n"
            "<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>\n"
            f"<OrgnlNbOfTxs>{len(self.payments)}</OrgnlNbOfTxs>\n"
            f"<OrgnlCtrlSum>{_baht(self.total())}</OrgnlCtrlSum><GrpSts>PART</GrpSts>\n"
            f"{counts}</OrgnlGrpInfAndSts>\n"
            f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{self.file}</OrgnlPmtInfId>\n{rows}"
            "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>\n"
        ).encode()

    def answer_layout(self, layout: BankLayout, payments: list[Received] | None = None) -> bytes:
        told = self.payments if payments is None else payments
        words = {status.value: word for word, status in layout.statuses.items()}
        total = sum(p.amount for p in told)
        records = [write_record(layout, layout.answer.header, {"file.reference": self.file})]
        for payment in told:
            values: dict[str, str | int] = {
                "payment.reference": payment.reference,
                "payment.amount": payment.amount,
                "payment.status": words[payment.outcome],
                "payment.reason": "account closed" if payment.outcome == "returned" else "",
            }
            records.append(write_record(layout, layout.answer.payment, values))
        paid = sum(p.amount for p in told if p.outcome == "paid")
        last: dict[str, str | int] = {
            "file.count": len(told),
            "file.total": total,
            "file.paid_total": paid,
            "file.returned_total": sum(p.amount for p in told if p.outcome == "returned"),
        }
        records.append(write_record(layout, layout.answer.trailer, last))
        return b"".join(record + layout.line_end for record in records)


def _texts(node: ElementTree.Element, path: str) -> list[str]:
    inside = ".//" + "/".join(PAIN001 + name for name in path.split("/"))
    return [found.text or "" for found in node.findall(inside)]


def _transaction(payment: Received) -> str:
    reason = ""
    if payment.outcome == "returned":
        reason = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>"
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{payment.reference}</OrgnlEndToEndId>"
        f"<TxSts>{CODES[payment.outcome]}</TxSts>{reason}<OrgnlTxRef><Amt>"
        f'<InstdAmt Ccy="THB">{_baht(payment.amount)}</InstdAmt></Amt></OrgnlTxRef>'
        "</TxInfAndSts>\n"
    )


def _baht(satang: int) -> str:
    return f"{satang // 100}.{satang % 100:02d}"


def _satang(baht: str) -> int:
    whole, part = baht.split(".")
    assert len(part) == 2
    return int(whole) * 100 + int(part)
