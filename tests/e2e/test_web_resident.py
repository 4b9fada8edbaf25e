"""The resident's other screens: paper to phone, recovery sheet, slip, map, large letters."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from ledger.qr.image import png
from tests.e2e.conftest import PATIENCE_MS, OpenPhone
from tests.e2e.web_people import owner_of, resident, take_charge, till_of, type_code
from tests.e2e.web_town import SHOP, WebTown

pytestmark = pytest.mark.timeout(240)
expect.set_options(timeout=PATIENCE_MS)

PASSWORD = "มะม่วง สีเขียว 42"
HERE = {"latitude": 18.7958195, "longitude": 98.9855155}
DRAWN = """() => {
  const drawn = window.drawn = [];
  const fillText = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    drawn.push(text);
    return fillText.call(this, text, ...rest);
  };
}"""


def newcomer(open_phone: OpenPhone, **options: object) -> Page:
    """A phone with a key and no pass."""
    page = open_phone("/wallet", **options)
    page.get_by_role("button", name="สร้างกระเป๋า").click()
    expect(page.locator("#address")).to_be_visible()
    return page


def scan_paper(page: Page, paper: str) -> None:
    """Show the paper's code to the phone, as a picture."""
    page.get_by_role("link", name="มีคูปองกระดาษ").click()
    picture = {"name": "paper.png", "mimeType": "image/png", "buffer": png(paper)}
    page.locator("#picture").set_input_files(picture)  # type: ignore[arg-type]


def test_a_paper_coupon_moves_to_the_phone_and_buys_lunch(
    open_phone: OpenPhone, web_town: WebTown, hold_up: Callable[[str], None]
) -> None:
    page = newcomer(open_phone, camera=True)
    hold_up(web_town.paper())
    page.get_by_role("link", name="มีคูปองกระดาษ").click()
    expect(page.locator(".facts")).to_contain_text("2,000 ฿")
    page.locator("#move").click()
    expect(page.get_by_role("heading", name="กำลังย้าย")).to_be_visible()
    web_town.settle()
    expect(page.get_by_role("heading", name="ข้าวกลางวัน")).to_be_visible()
    type_code(page, web_town.charge_text(6_000))
    page.locator("#confirm").click()
    expect(page.locator(".slip")).to_contain_text("30 ฿")


def test_a_paper_with_a_pin_asks_for_it_and_a_wrong_one_moves_nothing(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = newcomer(open_phone)
    scan_paper(page, web_town.paper(pin="246810"))
    page.locator("#pin").fill("1111")
    page.get_by_role("button", name="ต่อไป").click()
    expect(page.get_by_role("alert")).to_contain_text("รหัสไม่ตรง")
    page.locator("#pin").fill("246810")
    page.get_by_role("button", name="ต่อไป").click()
    page.locator("#move").click()
    web_town.settle()
    expect(page.get_by_role("heading", name="ข้าวกลางวัน")).to_be_visible()


def test_of_two_phones_with_one_paper_one_gets_it_and_the_other_is_told(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    paper = web_town.paper()
    phones = [newcomer(open_phone), newcomer(open_phone)]
    for phone in phones:
        scan_paper(phone, paper)
        expect(phone.locator("#move")).to_be_visible()
    for phone in phones:
        phone.locator("#move").click()
    first, second = phones
    expect(first.get_by_role("heading", name="กำลังย้าย")).to_be_visible()
    expect(second.get_by_role("alert")).to_be_visible()
    web_town.settle()
    expect(first.get_by_role("heading", name="ข้าวกลางวัน")).to_be_visible()
    # The second tries once more with the dead paper, and learns what to do.
    second.goto("/wallet")
    scan_paper(second, paper)
    expect(second.get_by_role("alert")).to_contain_text("ไม่มีบัตรแล้ว")
    expect(second.get_by_role("alert")).to_contain_text("ถามเทศบาล")


def test_a_family_phone_holds_several_wallets_and_never_mixes_them(
    open_phone: OpenPhone, web_town: WebTown, tmp_path: Path
) -> None:
    page = resident(open_phone, web_town)
    page.get_by_role("link", name="เพิ่มเติม", exact=True).click()
    page.get_by_role("link", name="ย้ายคูปองกระดาษมาเครื่องนี้").click()
    expect(page.get_by_text("หนึ่งกระเป๋าถือได้หนึ่งบัตร")).to_be_visible()
    page.locator("#wallet-name").fill("คุณยาย <b>")
    page.get_by_role("button", name="สร้างกระเป๋าแล้วสแกนกระดาษ").click()
    page.locator("#typed").fill(web_town.paper())
    page.get_by_role("button", name="ใช้รหัสนี้").click()
    page.locator("#move").click()
    web_town.settle()
    expect(page.get_by_role("heading", name="คูปองของ คุณยาย <b>")).to_be_visible()
    expect(page.locator(".brand .small")).to_contain_text("คุณยาย <b>")

    # Her lunch is hers: the other wallet has its whole day, its own history, and no loose payment.
    type_code(page, web_town.charge_text(6_000))
    expect(page.locator(".split")).to_contain_text("จากกระเป๋า")
    page.route("**/v1/redemptions", lambda route: route.abort(), times=1)
    page.locator("#confirm").click()
    expect(page.get_by_role("heading", name="ยังไม่รู้ผลการจ่าย")).to_be_visible()
    page.get_by_role("link", name="คูปอง", exact=True).click()
    page.get_by_label("กระเป๋าของฉัน").check()
    expect(page.get_by_role("heading", name="คูปองของ กระเป๋าของฉัน")).to_be_visible()
    expect(page.locator(".card .figure")).to_have_text("200 ฿")
    page.get_by_role("link", name="สแกน", exact=True).click()
    expect(page.locator("#typed")).to_be_visible()
    page.get_by_role("link", name="คูปอง", exact=True).click()
    page.get_by_label("คุณยาย").check()
    page.get_by_role("link", name="สแกน", exact=True).click()
    page.get_by_role("button", name="ส่งรายการเดิมอีกครั้ง").click()
    expect(page.locator(".slip")).to_contain_text("30 ฿")
    page.get_by_role("link", name="ประวัติ").click()
    expect(page.locator(".row")).to_have_count(1)
    page.reload()
    page.get_by_role("link", name="คูปอง", exact=True).click()
    expect(page.locator(".card .figure")).to_have_text("170 ฿")
    page.get_by_label("กระเป๋าของฉัน").check()
    page.get_by_role("link", name="ประวัติ").click()
    expect(page.get_by_text("ยังไม่เคยใช้คูปอง")).to_be_visible()

    # Without a signal each still shows its own, and its code is signed by its own key.
    page.route("**/v1/**", lambda route: route.abort())
    page.get_by_role("link", name="คูปอง", exact=True).click()
    expect(page.locator(".card .figure")).to_have_text("200 ฿")
    page.get_by_label("คุณยาย").check()
    expect(page.locator(".card .figure")).to_have_text("170 ฿")
    page.unroute("**/v1/**")


def test_a_second_wallet_is_backed_up_restored_beside_another_and_taken_off(
    open_phone: OpenPhone, web_town: WebTown, tmp_path: Path
) -> None:
    page = resident(open_phone, web_town)
    page.get_by_role("link", name="เพิ่มเติม", exact=True).click()
    page.get_by_role("link", name="กระเป๋าในเครื่องนี้").click()
    page.locator("#wallet-name").fill("น้องเมย์")
    page.get_by_role("button", name="เพิ่มกระเป๋า", exact=True).click()
    address = page.locator("#address").inner_text()
    web_town.enrol(address)
    page.get_by_role("button", name="ขึ้นทะเบียนแล้ว").click()
    expect(page.get_by_role("heading", name="คูปองของ น้องเมย์")).to_be_visible()
    page.goto("/wallet#key")
    page.locator("#password").fill(PASSWORD)
    with page.expect_download() as download:
        page.get_by_role("button", name="ดาวน์โหลดไฟล์สำรอง").click()
    backup = tmp_path / "may.json"
    download.value.save_as(backup)

    other = resident(open_phone, web_town)
    other.goto("/wallet#restore")
    expect(other.get_by_text("กระเป๋าที่มีอยู่ยังอยู่")).to_be_visible()
    other.locator("#backup").set_input_files(backup)
    other.locator("#wallet-name").fill("เมย์")
    other.locator("#password").fill(PASSWORD)
    other.get_by_role("button", name="นำกลับมา").click()
    expect(other.get_by_role("heading", name="คูปองของ เมย์")).to_be_visible()
    other.get_by_label("กระเป๋าของฉัน").check()
    expect(other.get_by_role("heading", name="คูปองของ กระเป๋าของฉัน")).to_be_visible()
    other.goto("/wallet#wallets")
    other.locator("#name").fill("พ่อ")
    other.get_by_role("button", name="บันทึกชื่อ").click()
    other.get_by_label("เมย์").check()
    expect(other.locator("#name")).to_have_value("เมย์")
    other.locator("summary").click()
    other.get_by_role("button", name="ลบออกจากเครื่องนี้").click()
    expect(other.get_by_role("heading", name="คูปองของฉัน")).to_be_visible()
    expect(other.get_by_role("group", name="ใช้กระเป๋าของ")).to_have_count(0)
    other.goto("/wallet#key")
    expect(other.locator("#address")).not_to_have_text(address)


def test_the_recovery_sheet_brings_the_wallet_back_on_another_phone(
    open_phone: OpenPhone, web_town: WebTown, tmp_path: Path
) -> None:
    page = resident(open_phone, web_town)
    page.get_by_role("link", name="เพิ่มเติม", exact=True).click()
    page.get_by_role("link", name="สำรองกุญแจ").click()
    address = page.locator("#address").inner_text()
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="ทำแผ่นกู้คืน").click()
    sheet = page.locator(".sheet")
    expect(sheet).to_contain_text("เทศบาลเมืองแม่เหียะ")
    expect(sheet).to_contain_text("พ.ศ. 2568")
    page.emulate_media(media="print")
    photographed = tmp_path / "sheet.png"
    sheet.screenshot(path=photographed)
    assert PASSWORD not in sheet.inner_text()

    other = open_phone("/wallet")
    other.get_by_role("link", name="กู้กระเป๋าคืน").click()
    other.get_by_role("button", name="สแกนแผ่นกู้คืน").click()
    other.locator("#picture").set_input_files(photographed)
    expect(other.get_by_text("อ่านแผ่นกู้คืนแล้ว")).to_be_visible()
    other.locator("#password").fill("ผิดแน่นอนเลย")
    other.get_by_role("button", name="นำกลับมา").click()
    expect(other.get_by_role("alert")).to_contain_text("เปิดไม่ได้")
    other.locator("#password").fill(PASSWORD)
    other.get_by_role("button", name="นำกลับมา").click()
    expect(other.get_by_role("heading", name="ข้าวกลางวัน")).to_be_visible()
    other.goto("/wallet#key")
    expect(other.locator("#address")).to_have_text(address)


def test_the_slip_is_a_picture_with_reference_date_and_receipt(
    open_phone: OpenPhone, web_town: WebTown, tmp_path: Path
) -> None:
    page = resident(open_phone, web_town)
    page.evaluate(DRAWN)
    type_code(page, web_town.charge_text(7_000))
    page.locator("#confirm").click()
    name = page.locator(".slip dd code").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="บันทึกเป็นรูป").click()
    assert download.value.suggested_filename == f"{name}.png"
    path = tmp_path / "slip.png"
    download.value.save_as(path)
    with Image.open(io.BytesIO(path.read_bytes())) as picture:
        picture.load()
        assert picture.width == 800 and picture.height > 800
        ink = sum(picture.convert("L").histogram()[:128])
        found = zxingcpp.read_barcodes(picture.convert("RGB"))
    assert ink > 10_000
    receipt = web_town.do(web_town.till.client.get(f"/v1/receipts/{name}")).json()
    assert [each.text for each in found] == [receipt["qr"]]
    drawn = page.evaluate("window.drawn")
    assert name in drawn and SHOP in drawn and "35 ฿" in drawn
    assert any("พ.ศ.\u00a02568" in text for text in drawn)


def test_a_charge_is_typed_by_its_short_code_and_a_wrong_letter_is_noticed(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    customer, shop = resident(open_phone, web_town), till_of(open_phone, web_town)
    code = take_charge(shop, "66.50")
    assert code.startswith(f"{web_town.shop}-66.50-") and len(code) < 28
    last = "A" if code[-1] != "A" else "B"
    type_code(customer, code[:-1] + last)
    expect(customer.get_by_role("alert")).to_contain_text("ไม่ใช่คิวอาร์ของเมือง")
    type_code(customer, code.lower().replace("-", " - "))
    expect(customer.locator(".pays")).to_have_text("33.25 ฿")
    customer.locator("#confirm").click()
    expect(shop.locator(".taken")).to_contain_text("33.25 ฿")


def test_shops_are_a_list_and_a_map_and_the_nearest_come_first(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    web_town.place_shops()
    page = resident(open_phone, web_town, geolocation=HERE, permissions=["geolocation"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="ใช้ได้ที่ไหน").click()
    expect(page.locator(".map-pin").nth(2)).to_be_visible()
    page.get_by_role("button", name="เรียงจากใกล้ฉัน").click()
    expect(page.locator(".where .row").first).to_contain_text("Chang Phueak Pork Leg Rice")
    expect(page.locator(".map-here")).to_be_visible()
    page.get_by_role("button", name="ขยายแผนที่").click()
    expect(page.get_by_role("button", name="ย่อแผนที่")).to_be_enabled()
    # Where the phone is was told to nobody.
    assert not [url for url in asked if "18.79" in url or not url.startswith(web_town.url)]


def test_without_leave_to_look_where_the_phone_is_the_list_still_stands(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    page.get_by_role("link", name="ใช้ได้ที่ไหน").click()
    page.get_by_role("button", name="เรียงจากใกล้ฉัน").click()
    expect(page.get_by_role("alert")).to_contain_text("หาตำแหน่งไม่ได้")
    expect(page.locator(".where .row").first).to_be_visible()


def test_large_letters_stay_large_and_nothing_moves_as_the_page_opens(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    page.get_by_role("link", name="เพิ่มเติม", exact=True).click()
    usual = page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)")
    page.locator("#large").check()
    large = page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)")
    assert large > usual * 1.25
    page.reload()
    expect(page.locator("html")).to_have_class("large")
    assert 'class="large"' in page.request.get("/wallet").text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_page_that_one_comes_back_to_shows_what_is_left_now(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    figure = page.locator(".card .figure")
    expect(figure).to_have_text("200 ฿")
    other = page.context.new_page()
    other.goto("/wallet")
    type_code(other, web_town.charge_text(12_000))
    other.locator("#confirm").click()
    expect(other.locator(".slip")).to_be_visible()
    expect(figure).to_have_text("200 ฿")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(figure).to_have_text("140 ฿")


def test_back_after_paying_does_not_offer_the_payment_again(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    type_code(page, web_town.charge_text(5_000))
    page.locator("#confirm").click()
    expect(page.locator(".slip")).to_be_visible()
    page.go_back()
    expect(page.locator("#typed")).to_be_visible()
    expect(page.locator("#confirm")).to_have_count(0)
    page.get_by_role("link", name="ประวัติ").click()
    expect(page.locator(".row")).to_have_count(1)


def test_what_was_undone_and_what_is_final_say_so_in_the_history(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    owner, _ = owner_of(open_phone, web_town, "ร้านในประวัติ <b>")
    for bill in ("50", "70"):
        type_code(page, take_charge(owner, bill))
        page.locator("#confirm").click()
        expect(owner.locator(".taken")).to_be_visible()
    owner.get_by_role("link", name="คืนสิทธิ์รายการนี้").click()
    owner.get_by_role("button", name="คืนสิทธิ์ 35 ฿").click()
    expect(owner.locator(".slip")).to_be_visible()
    web_town.settle()
    page.get_by_role("link", name="ประวัติ").click()
    undone = page.locator(".row.voided")
    expect(undone).to_contain_text("คืนสิทธิ์แล้ว")
    expect(undone).to_contain_text("ร้านในประวัติ <b>")
    expect(page.locator(".row.final, .row.included")).to_have_count(1)
