"""The README's pictures of the pages, made anew from a real city: `make pictures`.

Four screens of the phones beside each other, twice, and city hall's desk: written into
docs/pictures, to be looked at before they are committed.
"""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.web_hall import fill_draft, officer, pay, show
from tests.e2e.web_people import resident, take_charge, type_code
from tests.e2e.web_tour import visit
from tests.e2e.web_town import WebTown
from tests.integration.till import key_of

PICTURES: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PHONE: Final = {"width": 360, "height": 720}
GAP: Final = 24
BEHIND: Final = "#c9d4d0"
COLOURS: Final = 128
DESK_WIDTH: Final = 900
PATIENCE_MS: Final = 60_000
TICK_DRAWN_MS: Final = 1_500
OWN: Final = ("ข้าวซอยคุณยาย", "18.7901", "98.9921")
OTHERS: Final = (
    ("ขาหมูช้างเผือก", "18.7958195", "98.9855155"),
    ("ขนมจีนน้ำเงี้ยวแม่คำ", "18.7803688", "98.9930551"),
    ("ก๋วยเตี๋ยวปู่เงิน", "18.7796056", "98.9896893"),
)
MEALS: Final = ((0, 9_000, 12_500), (1, 16_000), (2, 8_500), (0, 11_000), (0, 7_000, 18_000))
"""For each hour, a shop and the bills of its guests."""

OpenPage = Callable[..., Page]
Shots = list[Image.Image]


@contextmanager
def _browser(town: WebTown) -> Iterator[OpenPage]:
    program = shutil.which("chromium")
    assert program is not None, "make setup installs chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])

        def opened(path: str = "/wallet", **options: object) -> Page:
            chosen: dict[str, object] = {"viewport": PHONE, "base_url": town.url, **options}
            page = browser.new_context(**chosen).new_page()  # type: ignore[arg-type]
            page.goto(path)
            page.locator("main[data-screen]").wait_for()
            return page

        yield opened
        browser.close()


def _shot(page: Page, *, dark: bool = False, whole: bool = False) -> Image.Image:
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.evaluate("window.scrollTo(0, 0); document.activeElement?.blur()")
    return Image.open(io.BytesIO(page.screenshot(full_page=whole))).convert("RGB")


def _beside(shots: Shots, name: str) -> None:
    """Write pictures beside each other, as few colours as they need."""
    width = sum(shot.width + GAP for shot in shots) + GAP
    sheet = Image.new("RGB", (width, max(shot.height for shot in shots) + 2 * GAP), BEHIND)
    left = GAP
    for shot in shots:
        sheet.paste(shot, (left, GAP))
        left += shot.width + GAP
    packed = sheet.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    packed.save(PICTURES / name, optimize=True)
    print(f"{name}: {sheet.width} x {sheet.height}")


def _owner(opened: OpenPage, town: WebTown) -> tuple[Page, int]:
    page = opened("/shop?lang=th")
    page.locator("main .button.main").click()
    page.locator("summary").click()
    name, latitude, longitude = OWN
    address = page.locator("#address").inner_text()
    number = town.register(address, name, latitude=latitude, longitude=longitude)
    page.locator("details .button.second").click()
    expect(page.locator("#bill")).to_be_visible()
    return page, number


def _lunch(customer: Page, owner: Page) -> Shots:
    """A coupon, its exact split before signing, the shop's green screen, a code for the shop."""
    shots = [_shot(customer)]
    type_code(customer, take_charge(owner, "85"))
    expect(customer.locator("#confirm")).to_be_visible()
    shots.append(_shot(customer))
    customer.locator("#confirm").click()
    expect(owner.locator(".taken")).to_be_visible()
    owner.wait_for_timeout(TICK_DRAWN_MS)
    shots.append(_shot(owner, dark=True))
    visit(customer, "show/1", ".qr path, .qr img, .qr rect")
    shots.append(_shot(customer))
    return shots


def _more(customer: Page, owner: Page, town: WebTown, number: int) -> Shots:
    """Where a coupon is taken, a recovery sheet, a request to undo, and the day of payment."""
    visit(customer, "where/1", ".map-pin")
    customer.get_by_role("button", name="เรียงจากใกล้ฉัน").click()
    expect(customer.locator(".map-here")).to_be_visible()
    shots = [_shot(customer)]
    visit(customer, "key", "#password")
    customer.locator("#password").fill("มะม่วง สีเขียว 42")
    customer.locator("form .button.second").click()
    expect(customer.locator(".sheet .qr")).to_be_visible()
    shots.append(_shot(customer))
    visit(owner, "pair-new", "#cashier")
    owner.locator("#cashier").fill("น้องฝน")
    owner.locator("#branch").fill("หน้าร้าน")
    owner.locator("main button[type=submit]").click()
    expect(owner.locator("#pairing-code")).to_be_visible()
    cashier = town.cashier(number, owner.locator("#pairing-code").inner_text())
    expect(owner.locator(".card.device")).to_be_visible()
    town.ask_void(cashier, town.pay_shop(number, 12_050), "พิมพ์ยอดผิด")
    visit(owner, "voids", ".cards .card")
    shots.append(_shot(owner))
    town.settle()
    visit(owner, "money", ".card .figure")
    owner.evaluate("document.querySelector('.asked')?.remove()")
    shots.append(_shot(owner, dark=True))
    return shots


def _hall(opened: OpenPage, town: WebTown, shops: list[int]) -> Shots:
    """A campaign as it runs, with what stops it, and a draft read aloud as it is typed."""
    for which, *bills in MEALS:
        for bill in bills:
            town.pay_shop(shops[which], bill)
        town.do(town.till.sleep_until(town.do(town.till.now()) + 3_600))
    for name in ("malee", "lek"):
        assert pay(town, name, 1, 60_000, 30_000).json()["code"] == "day_quota_used"
    town.settle()
    guardian = officer(opened, town, "guardian")
    show(guardian, "live/1", ".chart svg")
    expect(guardian.locator(".map-pin").first).to_be_visible()
    drafting = officer(opened, town, "campaign_officer")
    show(drafting, "new", "#p-th")
    fill_draft(drafting)
    drafting.locator("#p-perDay").fill("2,000")
    expect(drafting.locator(".field.wrong")).to_be_visible()
    both = [_shot(guardian, whole=True), _shot(drafting, whole=True)]
    height = both[0].height
    return [_smaller(shot.crop((0, 0, shot.width, height))) for shot in both]


def _smaller(shot: Image.Image) -> Image.Image:
    size = (DESK_WIDTH, shot.height * DESK_WIDTH // shot.width)
    return shot.resize(size, Image.Resampling.LANCZOS)


def main() -> None:
    """Write every picture."""
    expect.set_options(timeout=PATIENCE_MS)
    with (
        tempfile.TemporaryDirectory() as home,
        WebTown(Path(home)).open() as town,
        _browser(town) as opened,
    ):
        near = {"latitude": 18.7850, "longitude": 98.9890}
        customer = resident(opened, town, geolocation=near, permissions=["geolocation"])
        owner, number = _owner(opened, town)
        shops = [number]
        for name, latitude, longitude in OTHERS:
            where = {"latitude": latitude, "longitude": longitude}
            shops.append(town.register(key_of(name).address, name, **where))
        _beside(_lunch(customer, owner), "faces.png")
        _beside(_more(customer, owner, town, number), "faces-more.png")
        _beside(_hall(opened, town, shops), "hall.png")


if __name__ == "__main__":
    main()
