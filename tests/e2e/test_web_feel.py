"""How the pages feel on a slow phone: soon there, quick to answer, still, and never stuck."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE_MS, OpenPhone
from tests.e2e.test_web_faces import fits
from tests.e2e.web_hall import DESK
from tests.e2e.web_people import owner_of, resident, till_of, type_code
from tests.e2e.web_tour import shop_tour, wallet_tour
from tests.e2e.web_town import WebTown

pytestmark = pytest.mark.timeout(240)
expect.set_options(timeout=PATIENCE_MS)

SLOWER = 4
READY_MS_MAX = 10_000
TAP_MS_MAX = 1_000
"""Generous, for a busy machine; the figures are printed, to be held against 2 s and 100 ms."""

SHIFT_MAX = 0.02
"""Cumulative layout shift; 0.1 is what browsers' makers call good."""

WATCH = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) {
      if (!each.hadRecentInput) window.shifts.push([each.value, ...each.sources.map((it) => it.node?.outerHTML?.slice(0, 90) ?? '')]);
    }
  }).observe({ type: 'layout-shift', buffered: true });
  window.taps = [];
  let begun = null;
  const names = { capture: true, passive: true };
  addEventListener('click', (event) => { begun = [performance.now(), event.target.textContent.trim().slice(0, 30)]; }, names);
  const seen = () => {
    if (begun) window.taps.push([begun[1], performance.now() - begun[0]]);
    begun = null;
  };
  new MutationObserver(seen).observe(document.documentElement, { childList: true, subtree: true, attributes: true, characterData: true });
}"""  # noqa: E501


UNCOVERED = """(part) => {
  const it = document.querySelector(part);
  const { left, right, top, bottom } = it.getBoundingClientRect();
  return [top + 2, (top + bottom) / 2, bottom - 2].every((y) => {
    const seen = document.elementFromPoint((left + right) / 2, y);
    return seen !== null && (it.contains(seen) || seen.contains(it));
  });
}"""
"""Whether a part is seen from its first line to its last."""

FORGET = "caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))"


def slowed(page: Page) -> Page:
    """A processor that is four times as slow."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


@pytest.mark.parametrize("path", ["/wallet", "/shop"])
def test_the_first_screen_can_be_used_soon_on_a_slow_phone(
    open_phone: OpenPhone, path: str
) -> None:
    page = slowed(open_phone(path))
    for kept in ("cold", "kept"):
        if kept == "cold":
            page.context.new_cdp_session(page).send("Network.clearBrowserCache")
        page.evaluate(
            "caches.keys().then((names) => Promise.all(names.map((n) => caches.delete(n))))"
        )
        page.reload()
        page.locator("main[data-screen] .button.main").wait_for()
        ready = page.evaluate(
            """() => new Promise((done) => requestAnimationFrame(() => requestIdleCallback(
              () => done(performance.now()))))"""
        )
        print(f"{path}, {kept}, processor {SLOWER} times slower: usable after {ready:.0f} ms")
        assert ready < READY_MS_MAX


def test_every_tap_is_answered_at_once_and_nothing_moves_under_the_finger(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = slowed(resident(open_phone, web_town))
    page.reload()
    expect(page.get_by_role("heading", name="ข้าวกลางวัน")).to_be_visible()
    page.evaluate(WATCH)
    for place in ("ประวัติ", "เพิ่มเติม", "คูปอง", "สแกน"):
        page.get_by_role("link", name=place, exact=True).click()
        expect(page.locator("nav [aria-current]")).to_have_text(place)
    type_code(page, web_town.charge_text(6_000))
    page.locator("#confirm").click()
    expect(page.locator(".slip")).to_be_visible()
    page.get_by_role("link", name="กลับไปที่คูปอง").click()
    page.get_by_role("link", name="แสดงคิวอาร์ให้ร้าน").click()
    expect(page.locator(".qr")).to_be_visible()
    taps: list[tuple[str, float]] = page.evaluate("window.taps")
    assert len(taps) >= 8, taps
    for words, milliseconds in taps:
        print(f"tap, processor {SLOWER} times slower: {milliseconds:5.0f} ms  {words}")
    assert max(milliseconds for _, milliseconds in taps) < TAP_MS_MAX
    held_still(page)


PRESS = """() => {
  const link = document.querySelector('nav.places a[href="#history"]');
  link.click();
  return [link.ariaCurrent, document.querySelector('main').ariaBusy];
}"""


def test_a_tap_on_the_way_to_another_screen_shows_in_its_own_frame(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    expect(page.get_by_role("heading", name="ข้าวกลางวัน")).to_be_visible()
    assert page.evaluate(PRESS) == ["page", "true"]
    expect(page.locator('main[data-screen="history"]')).to_be_visible()
    expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")
    assert page.evaluate(PRESS) == ["page", None], "the same place again opens nothing"


def held_still(page: Page) -> None:
    """Hardly anything has moved by itself."""
    shifts: list[list[Any]] = page.evaluate("window.shifts")
    total = sum(float(shift[0]) for shift in shifts)
    print(f"layout shift: {total:.4f}", *(shift for shift in shifts if shift[0] > 0.001), sep="\n")
    assert total < SHIFT_MAX, shifts


@pytest.mark.parametrize("tour", [wallet_tour, shop_tour])
def test_a_whole_tour_holds_still(open_phone: OpenPhone, web_town: WebTown, tour: Any) -> None:
    watched = None
    for name, page in tour(open_phone, web_town, "th"):
        if watched is None:
            page.evaluate(WATCH)
            watched = page
        assert name
    assert watched is not None
    held_still(watched)


def test_what_the_city_cannot_answer_is_said_with_a_way_on(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town)
    page.route("**/v1/me/redemptions*", lambda route: route.abort())
    page.get_by_role("link", name="ประวัติ").click()
    expect(page.get_by_role("alert")).to_contain_text("ติดต่อระบบของเมืองไม่ได้")
    page.unroute("**/v1/me/redemptions*")
    page.get_by_role("button", name="ลองอีกครั้ง").click()
    expect(page.get_by_text("ยังไม่เคยใช้คูปอง")).to_be_visible()


def test_offline_each_face_says_what_it_can_still_do(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page, shop = resident(open_phone, web_town), till_of(open_phone, web_town)
    for each in (page, shop):
        each.context.set_offline(True)
        expect(each.locator(".offline")).to_be_visible()
    expect(page.locator(".offline")).to_contain_text("แสดงคิวอาร์ให้ร้าน")
    page.get_by_role("link", name="ประวัติ").click()
    page.get_by_role("link", name="คูปอง", exact=True).click()
    expect(page.get_by_text("ยอดนี้เห็นล่าสุดเมื่อ")).to_be_visible()
    shop.get_by_role("link", name="ยอดวันนี้").click()
    expect(shop.get_by_role("button", name="ลองอีกครั้ง")).to_be_visible()
    # Back on the net it goes on by itself.
    shop.context.set_offline(False)
    expect(shop.locator(".card .figure")).to_be_visible()


def test_desks_get_the_same_pages_in_large_letters_too(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = resident(open_phone, web_town, viewport=DESK)
    for screen in ("", "scan", "history", "more", "where/1", "key", "move", "wallets"):
        opened_whole(page, f"/wallet#{screen}")
        fits(screen, page)
    shop, _number = owner_of(open_phone, web_town, "ร้านบนโต๊ะ", viewport=DESK)
    for screen in ("", "scan/8500", "today", "device", "cashiers", "pair-new", "money", "stand"):
        opened_whole(shop, f"/shop#{screen}")
        fits(screen, shop)


def opened_whole(page: Page, address: str) -> None:
    """Open a screen and wait for all that it loads."""
    page.goto(address)
    name = address.partition("#")[2].partition("/")[0] or "home"
    expect(page.locator(f"main[data-screen={name}]:not([aria-busy])")).to_be_visible()


@pytest.mark.parametrize(
    "size", [(360, 640), (390, 844), (1280, 800)], ids=["low-phone", "phone", "desk"]
)
@pytest.mark.parametrize("language", ["th", "en"])
def test_a_till_that_waits_says_so_where_no_bar_hides_it(
    open_phone: OpenPhone, web_town: WebTown, size: tuple[int, int], language: str
) -> None:
    page = open_phone(f"/shop?lang={language}", viewport={"width": size[0], "height": size[1]})
    page.locator("main .button.main").click()
    page.locator("#merchant").fill(str(web_town.shop))
    page.locator("#pairing").fill(web_town.pairing_code())
    page.locator("main button[type=submit]").click()
    page.locator("#bill").fill("120.50")
    page.locator("main .actions .button.main").click()
    expect(page.locator(".waiting-line")).to_be_in_viewport(ratio=1)
    for part in (".waiting-line", ".charge .figure", ".charge .paper"):
        assert page.evaluate(UNCOVERED, part), part


def test_a_tap_on_the_place_one_is_at_leaves_what_is_typed(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    shop, _number = owner_of(open_phone, web_town, "ร้านพิมพ์แล้วแตะ")
    shop.evaluate(
        """() => {
          document.body.dataset.news = '0';
          window.addEventListener('hashchange', () => { document.body.dataset.news = '1'; });
        }"""
    )
    shop.locator("#bill").fill("85")
    # The first tap changes the address from none to an empty one, which the browser tells as news.
    shop.get_by_role("link", name="รับคูปอง", exact=True).click()
    expect(shop.locator("body")).to_have_attribute("data-news", "1")
    expect(shop.locator("#bill")).to_have_value("85")
    shop.evaluate(
        """() => {
          const [till, today] = document.querySelectorAll('nav.places a');
          today.click();
          till.click();
        }"""
    )
    expect(shop.locator("main")).not_to_have_attribute("aria-busy", "true")
    expect(shop.locator("#bill")).to_be_visible()
    shop.locator("nav.places a").nth(1).click()
    expect(shop.locator(".card .figure")).to_have_text("0 ฿")
    shop.locator("nav.places a").first.click()
    expect(shop.locator("#bill")).to_have_value("")
