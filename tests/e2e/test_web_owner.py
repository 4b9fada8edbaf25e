"""The owner's screens: cashiers, limits, payments, statements, undoing, and the counter sign."""

import csv
import io
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE_MS, OpenPhone
from tests.e2e.web_people import owner_of, resident, take_charge, type_code
from tests.e2e.web_town import WebTown

pytestmark = pytest.mark.timeout(240)
expect.set_options(timeout=PATIENCE_MS)


def to_shop(page: Page, place: str) -> None:
    """One of the owner's places, by the links a person takes."""
    page.get_by_role("link", name="ร้าน", exact=True).click()
    page.get_by_role("link", name=place).click()


def cashier_of(open_phone: OpenPhone, owner: Page, bill_max: str = "100") -> Page:
    """A cashier who scanned the owner's pairing code with the camera of the new till."""
    to_shop(owner, "แคชเชียร์และเครื่อง")
    owner.get_by_role("link", name="เพิ่มเครื่องแคชเชียร์").click()
    owner.locator("#cashier").fill("น้องฝน <b>")
    owner.locator("#bill-max").fill(bill_max)
    owner.locator("#day-max").fill("๑๕๐")
    owner.get_by_role("button", name="ออกรหัสผูกเครื่อง").click()
    code = owner.locator("#pairing-code").inner_text()
    number = owner.locator(".facts b").first.inner_text()
    till = open_phone(f"/shop#pair/{number}/{code}")
    till.get_by_role("button", name="ใช้เครื่องนี้รับคูปอง").click()
    expect(till.locator("#pairing")).to_have_value(code)
    till.get_by_role("button", name="ผูกเครื่อง").click()
    expect(till.locator("#bill")).to_be_visible()
    return till


def test_an_owner_pairs_a_cashier_by_qr_bounds_and_withdraws_the_device(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    owner, _ = owner_of(open_phone, web_town, "ร้านมีแคชเชียร์")
    till = cashier_of(open_phone, owner)
    # The owner's page sees it by itself; a name stays a name.
    expect(owner.locator(".card.device")).to_contain_text("น้องฝน <b>")
    expect(owner.locator(".card.device")).to_contain_text("ใช้งานอยู่")
    till.get_by_role("link", name="ร้าน", exact=True).click()
    expect(till.locator(".facts")).to_contain_text("150 ฿")
    expect(till.get_by_role("link", name="แคชเชียร์และเครื่อง")).to_have_count(0)

    owner.locator("summary").click()
    owner.get_by_role("button", name="ยืนยันยกเลิกเครื่องนี้").click()
    expect(owner.get_by_text("เลิกใช้แล้ว 1 เครื่อง")).to_be_visible()
    till.reload()
    expect(till.get_by_role("heading", name="เครื่องนี้ถูกยกเลิกแล้ว")).to_be_visible()


def test_limits_that_contradict_each_other_are_refused_where_they_are_typed(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    owner, _ = owner_of(open_phone, web_town, "ร้านวงเงิน")
    to_shop(owner, "แคชเชียร์และเครื่อง")
    owner.get_by_role("link", name="เพิ่มเครื่องแคชเชียร์").click()
    owner.locator("#cashier").fill("น้องฝน")
    owner.locator("#bill-max").fill("500")
    owner.locator("#day-max").fill("100")
    owner.get_by_role("button", name="ออกรหัสผูกเครื่อง").click()
    expect(owner.get_by_role("alert")).to_contain_text("ต่อบิลต้องไม่เกินต่อวัน")


@pytest.mark.parametrize("answer", ["approve", "decline"])
def test_a_cashier_asks_and_the_owner_answers(
    open_phone: OpenPhone, web_town: WebTown, answer: str
) -> None:
    owner, _ = owner_of(open_phone, web_town, f"ร้านคืนสิทธิ์ {answer}")
    till, customer = cashier_of(open_phone, owner), resident(open_phone, web_town)
    type_code(customer, take_charge(till, "90"))
    customer.locator("#confirm").click()
    expect(till.locator(".taken")).to_contain_text("45 ฿")
    # The owner types a bill for somebody else meanwhile.
    owner.get_by_role("link", name="รับคูปอง", exact=True).click()
    owner.locator("#bill").fill("12")
    till.get_by_role("link", name="คืนสิทธิ์รายการนี้").click()
    till.locator("#reason").fill("พิมพ์ยอดผิด <i>")
    expect(owner.locator(".asked")).to_have_count(0)
    before = owner.locator("#bill").bounding_box()
    if answer == "decline":
        # What is asked while the owner's line is broken is told when it is back.
        owner.context.set_offline(True)
    began = time.monotonic()
    till.get_by_role("button", name="ขอเจ้าของร้านให้คืน").click()
    expect(till.get_by_text("จนกว่าเจ้าของร้านจะอนุมัติ")).to_be_visible()
    owner.context.set_offline(False)
    expect(owner.locator(".asked")).to_contain_text("ขอคืนสิทธิ์ 45 ฿: พิมพ์ยอดผิด <i>")
    print(f"asked by the cashier to seen by the owner: {(time.monotonic() - began) * 1000:.0f} ms")
    expect(owner.locator("body")).to_have_attribute("data-sounded", "1")
    assert owner.locator("#bill").bounding_box() == before, "nothing moves under a finger"
    expect(owner.locator("#bill")).to_have_value("12")
    if answer == "approve":
        owner.reload()
    owner.locator(".asked:not([inert])").click()
    expect(owner.locator(".cards .card")).to_contain_text("พิมพ์ยอดผิด <i>")
    expect(owner.locator(".asked")).to_be_hidden()
    if answer == "decline":
        owner.get_by_role("button", name="ไม่อนุมัติ").click()
        expect(owner.get_by_text("ไม่มีคำขอที่รออยู่")).to_be_visible()
        expect(till.get_by_role("heading", name="เจ้าของร้านไม่อนุมัติ")).to_be_visible()
        return
    owner.get_by_role("button", name="คืนสิทธิ์ 45 ฿").click()
    expect(owner.get_by_text("ไม่มีคำขอที่รออยู่")).to_be_visible()
    expect(owner.locator(".rows .row")).to_contain_text("อนุมัติแล้ว")
    expect(till.get_by_role("heading", name="คืนสิทธิ์แล้ว")).to_be_visible()
    owner.get_by_role("link", name="ยอดวันนี้").click()
    expect(owner.locator(".asked")).to_have_count(0)
    web_town.settle()
    # Everybody sees the same: the customer has it back, the shop's day is without it.
    customer.reload()
    expect(customer.locator(".slip")).to_contain_text("คืนสิทธิ์แล้ว")
    customer.get_by_role("link", name="คูปอง", exact=True).click()
    expect(customer.locator(".card .figure")).to_have_text("200 ฿")
    owner.get_by_role("link", name="ยอดวันนี้").click()
    expect(owner.locator(".card .figure")).to_have_text("0 ฿")


def test_an_owner_undoes_by_a_signature_and_cannot_twice(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    owner, number = owner_of(open_phone, web_town, "ร้านคืนเอง")
    taken = web_town.pay_shop(number, 8_000)
    owner.get_by_role("link", name="ยอดวันนี้").click()
    owner.locator(".rows .row").click()
    owner.get_by_role("link", name="คืนสิทธิ์รายการนี้").click()
    owner.get_by_role("button", name="คืนสิทธิ์ 40 ฿").click()
    expect(owner.locator(".slip")).to_be_visible()
    web_town.settle()
    assert web_town.do(web_town.till.redemption(taken))["status"] == "voided"
    owner.goto(f"/shop#undo/{taken}")
    expect(owner.get_by_text("ไม่มีอะไรให้คืนแล้ว")).to_be_visible()


def test_payments_are_told_and_statements_come_as_files(
    open_phone: OpenPhone, web_town: WebTown, tmp_path: Path
) -> None:
    owner, number = owner_of(open_phone, web_town, "=ร้านรับเงิน")
    web_town.pay_shop(number, 10_000)
    web_town.settle()
    to_shop(owner, "เงินที่จะได้รับ")
    expect(owner.locator(".card .figure")).to_have_text(["50 ฿", "50 ฿"])
    # Taken on Wednesday 29 October: due on the next business day, by name, in the Buddhist era.
    due = "เข้ารอบจ่ายวันพฤหัสบดีที่ 30 ต.ค. พ.ศ. 2568"
    expect(owner.locator(".card").first).to_contain_text(due)
    expect(owner.locator(".card .due")).to_contain_text(due)
    expect(owner.locator("section.part .row")).to_contain_text("ตั้งแต่วันพฤหัสบดีที่ 30 ต.ค.")
    for form, begin in (("csv", None), ("xlsx", b"PK"), ("pdf", b"%P")):
        with owner.expect_download() as download:
            owner.locator(f"[data-form={form}]").click()
        assert download.value.suggested_filename == f"nakhon-statement-{number}.{form}"
        file = tmp_path / form
        download.value.save_as(file)
        if begin is None:
            rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))
            assert any("5000" in cell or "50.00" in cell for row in rows for cell in row), rows
        else:
            assert file.read_bytes().lstrip()[:2] == begin


def test_the_counter_sign_is_printed_alone_and_pays_at_this_shop(
    open_phone: OpenPhone, web_town: WebTown, tmp_path: Path
) -> None:
    owner, _ = owner_of(open_phone, web_town, "ร้านมีป้าย")
    to_shop(owner, "ป้ายตั้งหน้าร้าน")
    owner.emulate_media(media="print")
    expect(owner.locator(".stand")).to_be_visible()
    for hidden in (".top", ".places", "main > .button", "main > h1"):
        for each in owner.locator(hidden).all():
            expect(each).to_be_hidden()
    sign = tmp_path / "sign.png"
    owner.locator(".stand").screenshot(path=sign)
    customer = resident(open_phone, web_town)
    customer.get_by_role("link", name="สแกน", exact=True).click()
    customer.locator("#picture").set_input_files(sign)
    expect(customer.locator(".shop-name")).to_have_text("ร้านมีป้าย")
    customer.locator("#bill").fill("30")
    customer.get_by_role("button", name="ต่อไป").click()
    expect(customer.locator(".pays")).to_have_text("15 ฿")


def test_a_cashier_opens_none_of_the_owners_screens(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    owner, _ = owner_of(open_phone, web_town, "ร้านสองคน")
    till = cashier_of(open_phone, owner)
    for screen in ("cashiers", "pair-new", "money", "voids"):
        till.goto(f"/shop#{screen}")
        expect(till.get_by_role("heading", name="เฉพาะเจ้าของร้าน")).to_be_visible()
