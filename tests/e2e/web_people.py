"""People with nothing but a browser, as the tests of the pages need them."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPhone
from tests.e2e.web_town import SHOP, WebTown


def resident(open_phone: OpenPhone, web_town: WebTown, **options: object) -> Page:
    """A resident: a wallet in one tap, enrolled by the registrar, coupons on the screen."""
    page = open_phone("/wallet", **options)
    page.get_by_role("button", name="สร้างกระเป๋า").click()
    web_town.enrol(page.locator("#address").inner_text())
    page.get_by_role("button", name="ขึ้นทะเบียนแล้ว").click()
    expect(page.get_by_role("heading", name="ข้าวกลางวัน")).to_be_visible()
    return page


def type_code(page: Page, text: str) -> None:
    """Scan without a camera: by the text under the code."""
    page.get_by_role("link", name="สแกน", exact=True).click()
    page.locator("#typed").fill(text)
    page.get_by_role("button", name="ใช้รหัสนี้").click()


def till_of(open_phone: OpenPhone, web_town: WebTown, **options: object) -> Page:
    """A cashier's device, paired by the owner's code."""
    page = open_phone("/shop", **options)
    page.get_by_role("button", name="ใช้เครื่องนี้รับคูปอง").click()
    page.locator("#merchant").fill(str(web_town.shop))
    page.locator("#pairing").fill(web_town.pairing_code())
    page.get_by_role("button", name="ผูกเครื่อง").click()
    expect(page.get_by_role("heading", name=SHOP)).to_be_visible()
    return page


def owner_of(
    open_phone: OpenPhone, web_town: WebTown, name: str, **options: object
) -> tuple[Page, int]:
    """The owner of a new shop, on the device whose key the shop is paid to; and its number."""
    page = open_phone("/shop", **options)
    page.get_by_role("button", name="ใช้เครื่องนี้รับคูปอง").click()
    page.locator("summary").click()
    number = web_town.register(page.locator("#address").inner_text(), name)
    page.get_by_role("button", name="ขึ้นทะเบียนแล้ว").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    return page, number


def take_charge(shop: Page, bill: str) -> str:
    """The shop types a bill and shows its charge; the short code under the QR."""
    shop.get_by_role("link", name="รับคูปอง", exact=True).click()
    shop.locator("#bill").fill(bill)
    shop.get_by_role("button", name="แสดงคิวอาร์เรียกเก็บ").click()
    expect(shop.get_by_text("รอลูกค้าสแกน")).to_be_visible()
    return shop.locator("#code").inner_text()
