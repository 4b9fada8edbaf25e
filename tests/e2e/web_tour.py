"""Every screen of the two faces, one after the other, as people come through them."""

from collections.abc import Callable, Iterator

from playwright.sync_api import Page, expect

from tests.e2e.web_town import WebTown

OpenPhone = Callable[..., Page]
Stop = tuple[str, Page]
AGAIN = {"th": "ลองอีกครั้ง", "en": "Try again"}


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
    expect(page.locator(".viewfinder .notice.busy")).to_be_visible()
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
    page.locator("#password").fill("มะม่วง สีเขียว 42")
    page.locator("form .button.second").click()
    expect(page.locator(".sheet .qr")).to_be_visible()
    yield "wallet-sheet", page
    visit(page, "restore", "#password")
    yield "wallet-restore", page
    visit(page, "more", "#large")
    yield "wallet-more", page
    town.place_shops()
    visit(page, "where/1", ".map-pin")
    yield "wallet-where", page
    visit(page, "move", ".notice")
    yield "wallet-move-held", page
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
    expect(page.locator(".viewfinder .notice.busy")).to_be_visible()
    yield "shop-scan", page
    page.locator("#typed").fill(town.paper(pin="2468"))
    page.locator("form.typed button").click()
    expect(page.locator("#pin")).to_be_visible()
    yield "shop-paper-pin", page
    page.locator("#pin").fill("2468")
    page.locator("main button[type=submit]").click()
    expect(page.locator("#confirm")).to_be_visible()
    yield "shop-paper", page
    visit(page, "today", ".card .figure")
    yield "shop-today", page
    page.locator(".rows .row").first.click()
    expect(page.locator(".slip")).to_be_visible()
    yield "shop-slip", page
    page.locator("a[href^='#undo/']").click()
    expect(page.locator("#reason")).to_be_visible()
    yield "shop-undo-ask", page
    page.locator("#reason").fill("customer left")
    page.locator("main button[type=submit]").click()
    expect(page.locator(".notice.good")).to_be_visible()
    yield "shop-undo-asked", page
    visit(page, "device", ".facts")
    yield "shop-device", page
    visit(page, "stubs", ".facts")
    yield "shop-stubs", page
    visit(page, "cashiers", ".notice")
    yield "shop-not-owner", page


def owner_tour(
    open_phone: OpenPhone, town: WebTown, language: str, **options: object
) -> Iterator[Stop]:
    """Each screen that the owner of a shop has and a cashier has not."""
    page = open_phone(f"/shop?lang={language}", **options)
    page.locator("main .button.main").click()
    page.locator("summary").click()
    address = page.locator("#address").inner_text()
    number = town.register(address, latitude="18.7958195", longitude="98.9855155")
    page.locator("details .button.second").click()
    expect(page.locator("#bill")).to_be_visible()
    visit(page, "device", ".rows .row")
    yield "owner-shop", page
    visit(page, "stubs", ".notice")
    yield "owner-no-stubs", page
    visit(page, "cashiers", ".notice")
    yield "owner-no-cashiers", page
    visit(page, "pair-new", "#cashier")
    page.locator("#cashier").fill("น้องฝน")
    page.locator("#branch").fill("หน้าร้าน")
    yield "owner-pair", page
    page.locator("main button[type=submit]").click()
    expect(page.locator("#pairing-code")).to_be_visible()
    yield "owner-code", page
    cashier = town.cashier(number, page.locator("#pairing-code").inner_text())
    expect(page.locator(".card.device")).to_be_visible()
    yield "owner-cashiers", page
    visit(page, "voids", ".notice.good")
    yield "owner-no-voids", page
    taken = town.pay_shop(number, 12_050)
    town.ask_void(cashier, taken, "พิมพ์ยอดผิด" if language == "th" else "Wrong bill typed")
    visit(page, "today", ".rows .row")
    expect(page.locator(".asked:not([inert])")).to_be_visible()
    yield "owner-today", page
    visit(page, "voids", ".cards .card")
    yield "owner-voids", page
    visit(page, "money", ".card .figure")
    yield "owner-money", page
    visit(page, "stubs", ".facts")
    yield "owner-stubs", page
    visit(page, "stand", ".stand .qr")
    yield "owner-stand", page
    visit(page, f"undo/{taken}", ".button.main")
    yield "owner-undo", page


def paper_tour(
    open_phone: OpenPhone, town: WebTown, language: str, **options: object
) -> Iterator[Stop]:
    """The screens of a wallet that few people see: paper to phone, several wallets, no signal."""
    page = open_phone(f"/wallet?lang={language}", **options)
    page.locator("main .button.main").click()
    expect(page.locator("#address")).to_be_visible()
    visit(page, "move", "#typed")
    expect(page.locator(".viewfinder .notice.busy")).to_be_visible()
    yield "paper-scan", page
    page.locator("#typed").fill(town.paper(pin="2468"))
    page.locator("form.typed button").click()
    expect(page.locator("#pin")).to_be_visible()
    yield "paper-pin", page
    page.locator("#pin").fill("2468")
    page.locator("main button[type=submit]").click()
    expect(page.locator("#move")).to_be_visible()
    yield "paper-found", page
    page.locator("#move").click()
    expect(page.locator(".card.waiting")).to_be_visible()
    yield "paper-moving", page
    visit(page, "restore", ".notice")
    yield "wallet-restore-beside", page
    visit(page, "wallets", "#wallet-name")
    yield "wallets-one", page
    page.locator("#wallet-name").fill("Khun Yai")
    page.locator("form:has(#wallet-name) button").click()
    expect(page.locator(".wallets")).to_be_visible()
    yield "wallets-second", page
    visit(page, "wallets", ".wallets")
    page.locator("summary").click()
    yield "wallets-two", page
    visit(page, "", ".not-enrolled, .notice, main h1")
    page.context.set_offline(True)
    expect(page.locator(".offline")).to_be_visible()
    yield "wallet-no-signal", page
    page.evaluate("location.hash = 'history'")
    expect(page.get_by_role("alert")).to_be_visible()
    yield "wallet-history-no-signal", page
    page.context.set_offline(False)


def gone_tour(
    open_phone: OpenPhone, town: WebTown, language: str, **options: object
) -> Iterator[Stop]:
    """The screens of a till that few people see: its key, no signal, a device withdrawn."""
    shop = open_phone(f"/shop?lang={language}", **options)
    shop.locator("main .button.main").click()
    shop.locator("#merchant").fill(str(town.shop))
    shop.locator("#pairing").fill(town.pairing_code())
    shop.locator("main button[type=submit]").click()
    expect(shop.locator("#bill")).to_be_visible()
    visit(shop, "key", "#password")
    yield "shop-key", shop
    visit(shop, "restore", "main h1")
    yield "shop-restore", shop
    visit(shop, "", "#bill")
    shop.context.set_offline(True)
    expect(shop.locator(".offline")).to_be_visible()
    yield "shop-no-signal", shop
    shop.evaluate("location.hash = 'today'")
    expect(shop.get_by_role("button", name=AGAIN[language])).to_be_visible()
    yield "shop-today-no-signal", shop
    shop.context.set_offline(False)
    visit(shop, "", "#bill")
    town.revoke_devices()
    visit(shop, "today", ".notice.bad")
    yield "shop-refused", shop
    shop.reload()
    expect(shop.locator("main[data-screen] .notice.bad")).to_be_visible()
    yield "shop-revoked", shop


def visit(page: Page, screen: str, sign: str) -> None:
    """Go to a screen as a link would, and wait for a sign of it."""
    page.evaluate("(screen) => { location.hash = screen; }", screen)
    expect(page.locator(sign).first).to_be_visible()
    expect(page.locator(f'main[data-screen="{screen.split("/")[0] or "home"}"]')).to_be_visible()
