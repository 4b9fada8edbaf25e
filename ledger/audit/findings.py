"""What an audit can find: each with a code that never changes and a sentence in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple


class Words(NamedTuple):
    """A sentence in Thai and in English, with str.format fields."""

    th: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that should not be so, where it stands on the chain, and its evidence."""

    code: str
    details: Mapping[str, Any]
    block: int | None = None
    tx_hash: str | None = None

    @property
    def th(self) -> str:
        """The finding in Thai."""
        return SENTENCES[self.code].th.format_map(self.details)

    @property
    def en(self) -> str:
        """The finding in English."""
        return SENTENCES[self.code].en.format_map(self.details)


SENTENCES: Final[dict[str, Words]] = {
    "no_consent": Words(
        "รายการที่ {index} ของโครงการ {campaign} ถูกตัดสิทธิ์บัตร {pass_number} โดยไม่มีลายเซ็นของผู้ถือบัตร",
        "Entry {index} of campaign {campaign} spent pass {pass_number} without the signature of "
        "its holder.",
    ),
    "rule_broken": Words(
        "รายการที่ {index} ของโครงการ {campaign} (บัตร {pass_number}) ถูกรับ ทั้งที่กฎ {reason} ต้องปฏิเสธ",
        "Entry {index} of campaign {campaign} (pass {pass_number}) was taken although the rule "
        "{reason} refuses it.",
    ),
    "refused_wrongly": Words(
        "รายการที่ {index} ของโครงการ {campaign} (บัตร {pass_number}) ถูกปฏิเสธด้วย {reason} "
        "ทั้งที่ไม่มีกฎใดปฏิเสธ",
        "Entry {index} of campaign {campaign} (pass {pass_number}) was refused as {reason} "
        "although no rule refuses it.",
    ),
    "reason_differs": Words(
        "รายการที่ {index} ของโครงการ {campaign} ถูกปฏิเสธด้วย {reason} แต่ตามกฎต้องเป็น {expected}",
        "Entry {index} of campaign {campaign} was refused as {reason}; by the rules it is "
        "{expected}.",
    ),
    "record_differs": Words(
        "รายการที่ {index} ของโครงการ {campaign} ถูกบันทึกเป็น {found} แต่ผู้ถือบัตรลงนาม {expected}",
        "Entry {index} of campaign {campaign} was recorded as {found}; what was signed is "
        "{expected}.",
    ),
    "records_miscounted": Words(
        "ชุดรายการของโครงการ {campaign} มี {entries} รายการ แต่บันทึกรับ {taken} และปฏิเสธ {refused}",
        "A batch of campaign {campaign} has {entries} entries; {taken} were recorded as taken and "
        "{refused} as refused.",
    ),
    "event_unexplained": Words(
        "เหตุการณ์ {event} ของโครงการ {campaign} ไม่ได้มาจากคำสั่งใดในธุรกรรม",
        "The event {event} of campaign {campaign} follows from no call of its transaction.",
    ),
    "event_missing": Words(
        "คำสั่ง {function} ของโครงการ {campaign} ไม่ได้ทิ้งเหตุการณ์ที่ต้องมี",
        "A call of {function} of campaign {campaign} left no event where one is due.",
    ),
    "calldata_hidden": Words(
        "อ่านคำสั่งของธุรกรรมนี้ไม่ได้ จึงตรวจลายเซ็นของโครงการ {campaign} ไม่ได้",
        "The calls of this transaction cannot be read: signatures of campaign {campaign} are "
        "unchecked.",
    ),
    "void_without_consent": Words(
        "การยกเลิกของโครงการ {campaign} บัตร {pass_number} ไม่มีลายเซ็นของร้านค้า {merchant}",
        "A void of campaign {campaign}, pass {pass_number}, is not signed by merchant {merchant}.",
    ),
    "void_wrong": Words(
        "การยกเลิกของโครงการ {campaign} บัตร {pass_number} ผิดข้อกำหนด: {why}",
        "A void of campaign {campaign}, pass {pass_number}, breaks the rules: {why}.",
    ),
    "contradiction": Words(
        "เหตุการณ์บนเชนขัดกันเอง ตรวจต่อไม่ได้: {what}",
        "The chain's events contradict each other, nothing after can be judged: {what}.",
    ),
    "overspent": Words(
        "โครงการ {campaign} จ่ายไป {spent} เกินเงินที่มี {funded}",
        "Campaign {campaign} spent {spent}, more than its {funded}.",
    ),
    "supply_differs": Words(
        "โทเคน {token} หมุนเวียน {supply} แต่เติม {funded} และชำระคืน {settled}",
        "Token {token} has {supply} in circulation; {funded} were funded and {settled} settled.",
    ),
    "escrow_short": Words(
        "สมุดคูปองถือโทเคน {token} อยู่ {held} แต่ต้องถืออย่างน้อย {owed}",
        "The coupon book holds {held} of token {token}; it owes {owed}.",
    ),
    "same_person": Words(
        "โครงการ {campaign}: บัญชี {account} ทำหน้าที่มากกว่าหนึ่งขั้นตอน",
        "Campaign {campaign}: account {account} took more than one of the steps.",
    ),
    "not_authorised": Words(
        "{account} ไม่มีอำนาจเรียก {function} แต่เหตุการณ์ {event} บอกว่าเป็นผู้ทำ",
        "{account} had no role to call {function}; the event {event} says it did.",
    ),
    "out_of_turn": Words(
        "เหตุการณ์ {event} ของโครงการ {campaign} เกิดผิดลำดับ: สถานะขณะนั้นคือ {status}",
        "The event {event} of campaign {campaign} came out of turn: the campaign was {status}.",
    ),
    "time_differs": Words(
        "เหตุการณ์ {event} บอกเวลา {found} แต่เวลาของบล็อกคือ {expected}",
        "The event {event} says the time was {found}; its block says {expected}.",
    ),
    "list_differs": Words(
        "รายชื่อของโครงการ {campaign} มี {found} บัตร ไม่ใช่รายชื่อ {expected} บัตรที่อนุมัติไว้",
        "The list of campaign {campaign} has {found} passes and is not the approved one of "
        "{expected}.",
    ),
    "money_unmoved": Words(
        "เหตุการณ์ {event} บอกว่าเงินเคลื่อน แต่โทเคนไม่ได้เคลื่อน: {move}",
        "The event {event} says that money moved and the tokens did not: {move}.",
    ),
    "money_unexplained": Words(
        "โทเคนเคลื่อนโดยไม่มีเหตุการณ์ใดอธิบาย: {move}",
        "Tokens moved and no event says why: {move}.",
    ),
    "round_money_differs": Words(
        "โทเคนที่{what}ในรอบจ่าย {round} ต่างจากรายการอยู่ {by} สตางค์",
        "The tokens {what} for round {round} differ from its lines by {by} satang.",
    ),
    "lines_disordered": Words(
        "หน้า {page} ของรอบจ่าย {round} เรียงผิด ซ้ำ หรือจ่ายร้านไม่ถึงหนึ่งสตางค์",
        "Page {page} of round {round} is out of order, has a line twice, or pays a shop nothing.",
    ),
    "not_zero": Words(
        "บัญชีต่าง {by} สตางค์: {th}",
        "The books differ by {by} satang: {en}.",
    ),
    "paper_unreadable": Words(
        "อ่านไฟล์ธนาคาร {file} ไม่ได้: {why}",
        "The bank file {file} cannot be read: {why}.",
    ),
    "paper_unrecorded": Words(
        "ไฟล์ธนาคาร {file} (SHA-256 {digest}) ไม่ใช่ไฟล์ที่บันทึกไว้บนเชน",
        "The bank file {file} (SHA-256 {digest}) is none that the chain has recorded.",
    ),
    "paper_miscounted": Words(
        "ไฟล์ธนาคาร {file} มี {payments} รายการ รวม {total} สตางค์ แต่บนเชนบันทึก {recorded}",
        "The bank file {file} has {payments} payments of {total} satang; recorded are {recorded}.",
    ),
    "payment_differs": Words(
        "รอบจ่าย {round} ร้าน {merchant}: บนเชนจ่าย {expected} สตางค์ ในไฟล์ {file} จ่าย {found}",
        "Round {round}, shop {merchant}: {expected} satang on the chain, {found} in {file}.",
    ),
    "answer_unmatched": Words(
        "คำตอบธนาคาร {file} ตอบไฟล์ {reference} ซึ่งไม่มีใครนำมา",
        "The answer {file} is to a file {reference} that nobody brought.",
    ),
    "answer_differs": Words(
        "คำตอบธนาคาร {file} ว่า {reference} เป็น {found} สตางค์ แต่ไฟล์ที่ส่งคือ {expected}",
        "The answer {file} has {found} for {reference}; what was sent is {expected}.",
    ),
    "round_without_file": Words(
        "รอบจ่าย {round} จ่ายแล้ว {total} สตางค์บนเชน แต่ไม่มีไฟล์ธนาคารของรอบนี้",
        "Round {round} paid {total} satang on the chain; no bank file of it is here.",
    ),
    "return_unrecorded": Words(
        "ธนาคารโอนคืนเงินของร้าน {merchant} ในรอบจ่าย {round} แต่บนเชนไม่มีการรับคืน",
        "The bank returned the payment of shop {merchant} in round {round}; the chain has it paid.",
    ),
    "return_unexplained": Words(
        "บนเชนรับคืนเงินของร้าน {merchant} ในรอบจ่าย {round} แต่ธนาคารไม่ได้โอนคืน",
        "The chain has the payment of shop {merchant} in round {round} back; the bank did not "
        "return it.",
    ),
    "statement_unreadable": Words(
        "อ่านใบแจ้งยอด {file} ไม่ได้: {why}",
        "The statement {file} cannot be read: {why}.",
    ),
    "statement_of_many": Words(
        "ใบแจ้งยอด {file} มีรายการของหลายร้าน: {merchants}",
        "The statement {file} has entries of several shops: {merchants}.",
    ),
    "statement_differs": Words(
        "ใบแจ้งยอด {file}: {redemption} ({leg}) เป็น {found} สตางค์ แต่บนเชนคือ {expected}",
        "The statement {file} has {found} satang for {redemption} ({leg}); the chain {expected}.",
    ),
    "statement_paid_differs": Words(
        "ใบแจ้งยอด {file} ว่าจ่ายแล้ว {found} สตางค์ แต่บนเชนจ่าย {expected}",
        "The statement {file} tells {found} satang paid; the chain {expected}.",
    ),
    "counter_differs": Words(
        "{what} บนสัญญาเป็น {found} แต่คำนวณจากเหตุการณ์ได้ {expected}",
        "{what} is {found} in the contract; its events come to {expected}.",
    ),
}
