"""A resident and a shop with nothing but a browser each, on a real city."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPhone, film_of
from tests.e2e.web_film import BILL_ON_FILM
from tests.e2e.web_town import SHOP, WebTown

pytestmark = pytest.mark.timeout(180)


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


def test_without_a_camera_a_picture_of_the_code_does(
    open_phone: OpenPhone, web_town: WebTown, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = resident(open_phone, web_town)
    page.get_by_role("link", name="สแกนจ่ายที่ร้าน").click()
    expect(page.get_by_role("alert")).to_contain_text("ใช้กล้องไม่ได้")
    picture = film_of(tmp_path_factory.mktemp("album"), web_town.charge_text(5_000))
    page.locator("#picture").set_input_files(picture)
    expect(page.locator(".pays")).to_have_text("25 ฿")
