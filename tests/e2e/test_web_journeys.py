"""A resident and a shop with nothing but a browser each, on a real city."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from ledger.chain.signer import KeySigner, read_keyfile
from tests.e2e.conftest import PATIENCE_MS, OpenPhone, film_of
from tests.e2e.running_city import eventually
from tests.e2e.web_film import BILL_ON_FILM
from tests.e2e.web_people import resident, till_of, type_code
from tests.e2e.web_town import SHOP, WebTown

pytestmark = pytest.mark.timeout(180)
PAGES_ARE_KEPT = "navigator.serviceWorker.getRegistration().then((it) => Boolean(it?.active))"
PASSWORD = "มะม่วง สีเขียว 42"
expect.set_options(timeout=PATIENCE_MS)


def test_a_resident_pays_a_charge_from_one_tap_to_the_slip(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    type_code(page, web_town.charge_text(12_050))
    expect(page.locator(".shop-name")).to_have_text(SHOP)
    expect(page.locator(".pays")).to_have_text("60.25 ฿")
    page.locator("#confirm").click()
    slip = page.locator(".slip")
    expect(slip).to_contain_text(SHOP)
    expect(slip).to_contain_text("พ.ศ. 2568")
    name = slip.locator("code").inner_text()
    taken = web_town.do(web_town.till.redemption(name))
    assert (taken["bill"], taken["amount"], taken["status"]) == ("12050", "6025", "accepted")


def test_the_camera_reads_a_dim_tilted_blurred_code(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town, camera=True)
    page.get_by_role("link", name="สแกนจ่ายที่ร้าน").click()
    expect(page.locator(".pays")).to_have_text(f"{BILL_ON_FILM // 200} ฿")


def scan_for(shop: Page, bill: str) -> None:
    """The shop types a bill and opens its camera."""
    shop.locator("nav.places").get_by_role("link", name="รับคูปอง").click()
    shop.locator("#bill").fill(bill)
    shop.get_by_role("button", name="สแกนคิวอาร์ลูกค้า").click()


def test_a_shops_camera_takes_a_phones_code_and_a_paper_and_knows_a_receipt(
    open_phone: OpenPhone, web_town: WebTown, hold_up: Callable[[str], None]
) -> None:
    customer, shop = resident(open_phone, web_town), till_of(open_phone, web_town, camera=True)
    customer.get_by_role("link", name="แสดงคิวอาร์ให้ร้าน").click()
    place = customer.locator(".paper")
    expect(place).to_have_attribute("data-text", re.compile("HTTPS://"))
    # Signed within these fifteen seconds, filmed, and scanned while it lives.
    hold_up(place.get_attribute("data-text") or "")
    scan_for(shop, "100")
    expect(shop.locator(".taken")).to_contain_text("50 ฿")
    expect(customer.locator(".slip")).to_contain_text("50 ฿")

    hold_up(web_town.paper())
    scan_for(shop, "60")
    expect(shop.locator(".pays")).to_have_text("30 ฿")
    shop.locator("#confirm").dblclick()
    expect(shop.locator(".taken")).to_contain_text("30 ฿")
    shop.get_by_role("link", name="ยอดวันนี้").click()
    expect(shop.locator(".card .figure")).to_have_text("80 ฿")
    expect(shop.locator(".rows .row")).to_have_count(2)

    # A receipt takes nothing: it leads to what it is of, and to undoing it.
    name = customer.locator(".slip dd code").inner_text()
    hold_up(web_town.do(web_town.till.client.get(f"/v1/receipts/{name}")).json()["qr"])
    scan_for(shop, "1")
    expect(shop.locator(".slip dd code")).to_have_text(name)
    expect(shop.get_by_role("link", name="คืนสิทธิ์รายการนี้")).to_be_visible()
    expect(shop.locator(".taken")).to_have_count(0)
    anybody = open_phone("/city#receipt", camera=True)
    anybody.get_by_role("button", name="เปิดกล้อง").click()
    expect(anybody.get_by_text("เมืองลงลายเซ็นใบรับนี้จริง")).to_be_visible()


def test_a_paper_at_the_till_asks_for_its_pin_and_survives_a_lost_answer(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    shop, paper = till_of(open_phone, web_town), web_town.paper(pin="246810")
    scan_for(shop, "90")
    shop.locator("#typed").fill(paper)
    shop.get_by_role("button", name="ใช้รหัสนี้").click()
    shop.locator("#pin").fill("1111")
    shop.get_by_role("button", name="ต่อไป").click()
    expect(shop.get_by_role("alert")).to_contain_text("รหัสไม่ตรง")
    shop.locator("#pin").fill("246810")
    shop.get_by_role("button", name="ต่อไป").click()
    expect(shop.locator(".pays")).to_have_text("45 ฿")

    def cut(route: Route) -> None:
        route.fetch()  # The city hears it; its answer never arrives.
        route.abort()

    shop.route("**/v1/redemptions", cut, times=1)
    shop.locator("#confirm").click()
    expect(shop.get_by_text("อย่าส่งของ")).to_be_visible()
    # Whatever the cashier tries next, this payment comes first.
    shop.reload()
    scan_for(shop, "20")
    shop.get_by_role("button", name="ส่งรายการเดิมอีกครั้ง").click()
    expect(shop.locator(".taken")).to_contain_text("45 ฿")
    shop.get_by_role("link", name="ยอดวันนี้").click()
    expect(shop.locator(".card .figure")).to_have_text("45 ฿")
    scan_for(shop, "20")
    moved = web_town.paper(enrolled=False)
    for code, why in (
        (web_town.charge_text(1_000), "คิวอาร์ของร้าน"),
        ("HTTPS://ELSEWHERE.EXAMPLE/Q/AAAA", "ไม่ใช่คิวอาร์ของเมือง"),
    ):
        shop.locator("#typed").fill(code)
        shop.get_by_role("button", name="ใช้รหัสนี้").click()
        expect(shop.get_by_role("alert")).to_contain_text(why)
    shop.locator("#typed").fill(moved)
    shop.get_by_role("button", name="ใช้รหัสนี้").click()
    expect(shop.get_by_role("alert")).to_contain_text("ไม่มีบัตรแล้ว")
    shop.get_by_role("button", name="สแกนใหม่").click()
    expect(shop.locator("#typed")).to_be_visible()


def test_without_a_camera_a_picture_of_the_code_does(
    open_phone: OpenPhone, web_town: WebTown, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = resident(open_phone, web_town)
    page.get_by_role("link", name="สแกนจ่ายที่ร้าน").click()
    # Calmly: nobody has asked for the camera yet. Who does is told plainly.
    expect(page.locator(".viewfinder .notice.busy")).to_contain_text("หรือพิมพ์รหัสด้านล่าง")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="เปิดกล้อง").click()
    expect(page.get_by_role("alert")).to_contain_text("ใช้กล้องไม่ได้")
    picture = film_of(tmp_path_factory.mktemp("album"), web_town.charge_text(5_000))
    page.locator("#picture").set_input_files(picture)
    expect(page.locator(".pays")).to_have_text("25 ฿")


def test_the_shops_screen_turns_green_when_the_resident_has_paid(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    customer, shop = resident(open_phone, web_town), till_of(open_phone, web_town)
    shop.locator("#bill").fill("๘๕")
    shop.get_by_role("button", name="แสดงคิวอาร์เรียกเก็บ").click()
    expect(shop.get_by_text("รอลูกค้าสแกน")).to_be_visible()
    type_code(customer, shop.locator("#code").inner_text())
    # Two taps, one payment.
    customer.locator("#confirm").dblclick()
    expect(customer.locator(".slip")).to_contain_text("42.50 ฿")
    green = shop.locator(".taken")
    expect(green).to_contain_text("42.50 ฿")
    expect(green).to_contain_text(SHOP)
    expect(green.locator(".runner")).to_be_visible()
    expect(shop.locator("body")).to_have_attribute("data-sounded", "1")
    customer.get_by_role("link", name="ประวัติ").click()
    expect(customer.locator(".row")).to_have_count(1)
    expect(customer.locator(".row")).to_contain_text(SHOP)
    shop.get_by_role("link", name="ยอดวันนี้").click()
    expect(shop.locator(".card .figure")).to_have_text("42.50 ฿")


def test_the_shop_takes_a_residents_code_and_counts_its_day(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    customer, shop = resident(open_phone, web_town), till_of(open_phone, web_town)
    customer.get_by_role("link", name="แสดงคิวอาร์ให้ร้าน").click()
    place = customer.locator(".paper")
    expect(place).to_have_attribute("data-text", re.compile("HTTPS://"))
    shop.locator("#bill").fill("100")
    shop.get_by_role("button", name="สแกนคิวอาร์ลูกค้า").click()
    picture = {
        "name": "present.png", "mimeType": "image/png", "buffer": place.screenshot(),
    }  # fmt: skip
    shop.locator("#picture").set_input_files(picture)  # type: ignore[arg-type]
    expect(shop.locator(".taken")).to_contain_text("50 ฿")
    # The resident's phone learns it from the city.
    expect(customer.locator(".slip")).to_contain_text("50 ฿")
    shop.get_by_role("link", name="ยอดวันนี้").click()
    expect(shop.locator(".card .figure")).to_have_text("50 ฿")


def test_a_code_is_renewed_by_itself_and_without_any_net(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    eventually(lambda: bool(page.evaluate(PAGES_ARE_KEPT)))
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".offline")).to_be_visible()
    page.get_by_role("link", name="แสดงคิวอาร์ให้ร้าน").click()
    place = page.locator(".paper")
    expect(place).to_have_attribute("data-text", re.compile("HTTPS://"))
    expect(page.locator(".count")).to_contain_text("วินาที")
    first = place.get_attribute("data-text")
    assert first is not None
    expect(place).not_to_have_attribute("data-text", first, timeout=40_000)


def test_a_refusal_says_why_and_what_to_do(open_phone: OpenPhone, web_town: WebTown) -> None:
    page = resident(open_phone, web_town)
    type_code(page, web_town.charge_text(40_000))
    page.locator("#confirm").click()
    expect(page.locator(".slip")).to_contain_text("200 ฿")
    type_code(page, web_town.charge_text(5_000))
    expect(page.get_by_role("alert")).to_contain_text("วัน")
    expect(page.locator("#confirm")).to_have_count(0)
    type_code(page, "HTTPS://ELSEWHERE.EXAMPLE/Q/AAAA")
    expect(page.get_by_role("alert")).to_contain_text("อย่าจ่าย")


def test_an_answer_that_was_lost_is_asked_for_again_and_pays_once(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    type_code(page, web_town.charge_text(6_000))
    expect(page.locator("#confirm")).to_be_visible()

    def cut(route: Route) -> None:
        route.fetch()  # The city hears it; its answer never arrives.
        route.abort()

    page.route("**/v1/redemptions", cut, times=1)
    page.locator("#confirm").click()
    expect(page.get_by_role("heading", name="ยังไม่รู้ผลการจ่าย")).to_be_visible()
    page.reload()
    page.get_by_role("link", name="สแกน", exact=True).click()
    page.get_by_role("button", name="ส่งรายการเดิมอีกครั้ง").click()
    expect(page.locator(".slip")).to_contain_text("30 ฿")
    page.get_by_role("link", name="ประวัติ").click()
    expect(page.locator(".row")).to_have_count(1)


def test_a_backup_opens_with_the_command_and_on_another_phone(
    open_phone: OpenPhone, tmp_path: Path
) -> None:
    page = open_phone("/wallet")
    page.get_by_role("button", name="สร้างกระเป๋า").click()
    address = page.locator("#address").inner_text()
    page.get_by_role("link", name="เพิ่มเติม", exact=True).click()
    page.get_by_role("link", name="สำรองกุญแจ").click()
    page.locator("#password").fill(PASSWORD)
    with page.expect_download() as download:
        page.get_by_role("button", name="ดาวน์โหลดไฟล์สำรอง").click()
    backup = tmp_path / "backup.json"
    download.value.save_as(backup)
    assert KeySigner(read_keyfile(backup, PASSWORD)).address == address

    other = open_phone("/wallet")
    other.get_by_role("link", name="กู้กระเป๋าคืน").click()
    other.locator("#backup").set_input_files(backup)
    other.locator("#password").fill(PASSWORD)
    other.get_by_role("button", name="นำกลับมา").click()
    expect(other.locator("#address")).to_have_text(address)


def test_a_camera_app_leads_to_the_wallet_and_on_to_the_payment(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    page.goto("/Q/" + web_town.charge_text(4_000).rsplit("/", 1)[1])
    page.get_by_role("link", name="เปิดกระเป๋าบนเครื่องนี้").click()
    expect(page.locator(".pays")).to_have_text("20 ฿")
    newcomer = open_phone("/wallet#pay/" + web_town.charge_text(4_000).rsplit("/", 1)[1])
    newcomer.get_by_role("button", name="สร้างกระเป๋า").click()
    expect(newcomer.locator("#address")).to_be_visible()


def test_an_owner_takes_coupons_with_the_device_the_shop_is_paid_to(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    shop = open_phone("/shop")
    shop.get_by_role("button", name="ใช้เครื่องนี้รับคูปอง").click()
    shop.get_by_text("เจ้าของร้าน: ขึ้นทะเบียนด้วยเครื่องนี้").click()
    web_town.register(shop.locator("#address").inner_text(), "ขนมจีนแม่เหียะ")
    shop.get_by_role("button", name="ขึ้นทะเบียนแล้ว").click()
    expect(shop.get_by_role("heading", name="ขนมจีนแม่เหียะ")).to_be_visible()
    for key in "60.5":
        shop.get_by_role("button", name="จุด" if key == "." else key, exact=True).click()
    shop.get_by_role("button", name="แสดงคิวอาร์เรียกเก็บ").click()
    customer = resident(open_phone, web_town)
    type_code(customer, shop.locator("#code").inner_text())
    expect(customer.locator(".shop-name")).to_have_text("ขนมจีนแม่เหียะ")
    customer.locator("#confirm").click()
    expect(shop.locator(".taken")).to_contain_text("30.25 ฿")
    shop.get_by_role("link", name="ยอดวันนี้").click()
    expect(shop.locator(".row")).to_contain_text("บิล 60.50 ฿")
    # A past one is plain: nobody takes it for a new one.
    shop.locator(".row").click()
    expect(shop.locator(".slip")).to_contain_text("30.25 ฿")
    expect(shop.locator(".taken")).to_have_count(0)
