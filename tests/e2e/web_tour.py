"""Every screen of the two faces, one after the other, as people come through them."""

from collections.abc import Callable, Iterator

from playwright.sync_api import Page, expect

from tests.e2e.web_town import WebTown

OpenPhone = Callable[..., Page]
Stop = tuple[str, Page]


def wallet_tour(
    open_phone: OpenPhone, town: WebTown, language: str, **options: object
) -> Iterator[Stop]:
    """Each screen of the resident's page, by name, while it is shown."""
    page = open_phone(f"/wallet?lang={language}", **options)
    yield "wallet-welcome", page
    page.locator("main .button.main").click()
    town.enrol(page.locator("#address").inner_text())
    yield "wallet-not-enrolled", page
    page.locator("main button.main").click()
    expect(page.locator(".card h2")).to_be_visible()
    yield "wallet-coupons", page
    visit(page, "scan", "#typed")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "wallet-scan", page
    page.locator("#typed").fill(town.charge_text(12_050))
    page.locator("form.typed button").click()
    expect(page.locator("#confirm")).to_be_visible()
    yield "wallet-confirm", page
    page.locator("#confirm").click()
    expect(page.locator(".slip")).to_be_visible()
    yield "wallet-slip", page
    visit(page, "show/1", ".qr")
    yield "wallet-present", page
    visit(page, "history", ".row")
    yield "wallet-history", page
    visit(page, "key", "#password")
    yield "wallet-key", page
    visit(page, "restore", "#backup")
    yield "wallet-restore", page
    visit(page, "scan", "#typed")
    page.locator("#typed").fill(town.charge_text(0))
    page.locator("form.typed button").click()
    expect(page.locator("#bill")).to_be_visible()
    yield "wallet-stand", page
    page.locator("#bill").fill("900")
    page.locator("main button[type=submit]").click()
    page.locator("#confirm").click()
    expect(page.locator(".slip")).to_be_visible()
    visit(page, "", ".card.closed")
    yield "wallet-day-used", page


def shop_tour(
    open_phone: OpenPhone, town: WebTown, language: str, **options: object
) -> Iterator[Stop]:
    """Each screen of the shop's page, by name, while it is shown."""
    page = open_phone(f"/shop?lang={language}", **options)
    yield "shop-welcome", page
    page.locator("main .button.main").click()
    expect(page.locator("#pairing")).to_be_visible()
    page.locator("summary").click()
    yield "shop-pairing", page
    page.locator("#merchant").fill(str(town.shop))
    page.locator("#pairing").fill(town.pairing_code())
    page.locator("main button[type=submit]").click()
    expect(page.locator("#bill")).to_be_visible()
    yield "shop-bill", page
    page.locator("#bill").fill("85")
    page.locator("main .actions .button.main").click()
    expect(page.locator("#code")).to_be_visible()
    yield "shop-charge", page
    reference = page.url.rsplit("/", 1)[1]
    town.pay_charge(8_500, reference)
    expect(page.locator(".taken")).to_be_visible()
    yield "shop-taken", page
    visit(page, "scan/8500", "#typed")
    yield "shop-scan", page
    visit(page, "today", ".card .figure")
    yield "shop-today", page
    visit(page, "device", ".facts")
    yield "shop-device", page


def visit(page: Page, screen: str, sign: str) -> None:
    """Go to a screen as a link would, and wait for a sign of it."""
    page.evaluate("(screen) => { location.hash = screen; }", screen)
    expect(page.locator(sign).first).to_be_visible()
    expect(page.locator(f'main[data-screen="{screen.split("/")[0] or "home"}"]')).to_be_visible()
