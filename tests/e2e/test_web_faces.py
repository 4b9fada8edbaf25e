"""The pages as they look, weigh and behave: for every eye, finger, language and policy."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.problems import render, told_of
from ledger.domain.reasons import Reason
from ledger.domain.sentences import advise, say
from tests.e2e.conftest import PATIENCE_MS, OpenPhone
from tests.e2e.web_people import resident, till_of
from tests.e2e.web_screens import screen_of, screens_of
from tests.e2e.web_tour import gone_tour, owner_tour, paper_tour, shop_tour, wallet_tour
from tests.e2e.web_town import SHOP, WebTown
from tests.unit.test_api_problems import every_failure

pytestmark = pytest.mark.timeout(240)
expect.set_options(timeout=PATIENCE_MS)

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SMALLEST: ViewportSize = {"width": 320, "height": 568}
FIRST_SCREEN_BYTES_MAX = 100_000
NAMES = (SHOP, "ภาษาไทย", "ข้าวกลางวัน", "หน้าร้าน", "น้องฝน", "ก๋วยเตี๋ยวเรือ", "ตลาดไกล")
"""Thai that people wrote, and the way back to Thai."""

PICTURES = ROOT / ".nakhon" / "screenshots"

# Targets smaller than a finger, text too tight for tone marks, pages wider than the phone, and a
# file's control, which says “Choose File” on a Thai page.
UGLY = """() => {
  const seen = (it) => it.checkVisibility() && it.getBoundingClientRect().width > 1;
  const found = [];
  for (const it of document.querySelectorAll('a, button, input, summary, label.button')) {
    const { width, height } = it.getBoundingClientRect();
    const within = it.matches('input[type=radio], input[type=checkbox]') || it.matches('.skip');
    if (seen(it) && !within && (height < 44 || width < 44)) {
      found.push(`small: ${it.outerHTML.slice(0, 80)} ${width}x${height}`);
    }
  }
  for (const it of document.querySelectorAll('body *')) {
    const own = [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const style = getComputedStyle(it);
    const lines = parseFloat(style.lineHeight) / parseFloat(style.fontSize);
    if (own && seen(it) && !it.closest('noscript') && lines < 1.59) {
      found.push(`tight: ${it.outerHTML.slice(0, 80)} ${lines}`);
    }
  }
  for (const it of document.querySelectorAll('input[type=file]:not(.unseen)')) {
    found.push(`speaks the browser's language: ${it.outerHTML}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push('wide');
  return found;
}"""


def looked_at(name: str, page: Page) -> None:
    """Nothing is too small, tight or wide; axe finds nothing; a picture is kept to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert page.evaluate(UGLY) == [], name
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]
    assert told == [], name


LETTERS = """(letters) => {
  const it = document.documentElement;
  const was = it.className;
  it.className = letters;
  const wide = it.scrollWidth > innerWidth;
  it.className = was;
  return wide;
}"""
"""Whether a page in these letters is wider than the window."""


def fits(name: str, page: Page) -> None:
    """Nothing stands beyond the edge of the window, also in large letters."""
    for letters in ("", "large"):
        assert not page.evaluate(LETTERS, letters), (name, letters)


def fits_the_smallest_phone(name: str, page: Page) -> None:
    """As `fits`, on a phone that is 320 pixels wide."""
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size(SMALLEST)
    fits(name, page)
    page.set_viewport_size(size)


def speaks_one_language(name: str, page: Page, language: str) -> None:
    """The page is in this language; an English one says nothing in Thai but what people wrote."""
    expect(page.locator("html")).to_have_attribute("lang", language)
    if language == "en":
        words = page.locator("body").inner_text()
        for thai in NAMES:
            words = words.replace(thai, "")
        assert not re.search("[ก-ฺเ-๙]", words), name


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize(
    ("face", "tours"),
    [("wallet", (wallet_tour, paper_tour)), ("shop", (shop_tour, owner_tour, gone_tour))],
    ids=["wallet", "shop"],
)
def test_every_screen_can_be_used_by_everybody(
    open_phone: OpenPhone, web_town: WebTown, face: str, tours: Any, language: str
) -> None:
    seen = set()
    for name, page in (stop for tour in tours for stop in tour(open_phone, web_town, language)):
        page.emulate_media(color_scheme="dark")
        looked_at(f"{name}-{language}-dark", page)
        page.emulate_media(color_scheme="light")
        looked_at(f"{name}-{language}-light", page)
        speaks_one_language(name, page, language)
        fits_the_smallest_phone(name, page)
        seen.add(screen_of(page))
    assert seen == screens_of(face)


def test_a_small_phone_shows_everything(open_phone: OpenPhone, web_town: WebTown) -> None:
    for name, page in wallet_tour(open_phone, web_town, "th", viewport=SMALLEST):
        looked_at(f"{name}-small", page)


def test_the_till_works_by_keyboard_alone(open_phone: OpenPhone, web_town: WebTown) -> None:
    shop = till_of(open_phone, web_town)
    shop.locator("#bill").focus()
    shop.keyboard.type("85")
    shop.keyboard.press("Enter")
    expect(shop.get_by_text("รอลูกค้าสแกน")).to_be_visible()
    web_town.pay_charge(8_500, shop.url.rsplit("/", 1)[1])
    expect(shop.locator(".taken")).to_contain_text("42.50 ฿")
    expect(shop.locator("main h1")).to_be_focused()
    shop.keyboard.press("Tab")
    expect(shop.get_by_role("link", name="ลูกค้าคนต่อไป")).to_be_focused()
    shop.keyboard.press("Enter")
    expect(shop.locator("#bill")).to_be_visible()


def vectors(name: str) -> dict[str, Any]:
    """The examples that pytest and forge read too."""
    read: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    return read


def test_the_browser_signs_and_spells_as_the_vectors_do(open_phone: OpenPhone) -> None:
    page = open_phone("/wallet")
    wanted, codes = vectors("redemption"), vectors("qr")
    script = (Path(__file__).parent / "check_vectors.js").read_text("utf-8")
    found = page.evaluate(script[script.index("async (") :], [wanted, codes, base_of(page)])
    assert (found["separator"], found["tag"]) == (
        wanted["domain"]["separator"], wanted["domain"]["tag"],
    )  # fmt: skip
    for name, rows in found["signed"].items():
        assert len(rows) == wanted[name]["count"] > 0
        for row, item in zip(rows, wanted[name]["items"], strict=True):
            expected = {part: item[part] for part in ("digest", "r", "vs", "signer")}
            assert row == {**expected, "recovered": item["signer"]}, name
    for kind, rows in found["spelled"].items():
        for row, item in zip(rows, codes[kind], strict=True):
            spelled = {"text": item["text"], "again": item["text"]}
            assert row == {**spelled, "kind": kind, "lower": None}
    assert set(found["refused"]) == {None}
    assert set(found["nobody"]) == {None}


def base_of(page: Page) -> str:
    """Where the modules of the page are."""
    source = page.locator("script[type=module]").get_attribute("src")
    assert source is not None
    return source.rsplit("/", 1)[0] + "/"


@pytest.mark.parametrize("path", ["/wallet", "/shop"])
def test_the_first_screen_is_light_and_asks_nobody_else(
    open_phone: OpenPhone, web_town: WebTown, path: str
) -> None:
    page = open_phone(path)
    page.evaluate("document.fonts.ready.then(() => null)")
    asked: list[list[Any]] = page.evaluate(
        """['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))
          .map((it) => [it.name, it.encodedBodySize])"""
    )
    assert {url.split("/")[2] for url, _ in asked} == {web_town.url.split("/")[2]}
    weight = sum(size for url, size in asked if not url.endswith(".woff2"))
    print(f"{path}: {weight:,} bytes compressed, beside fonts")
    assert 20_000 < weight < FIRST_SCREEN_BYTES_MAX, sorted(asked, key=lambda it: -it[1])
    fonts = [url for url, _ in asked if url.endswith(".woff2")]
    assert 1 <= len(fonts) <= 4
    assert page.evaluate("document.fonts.check('700 16px Sarabun', 'ก')")


@pytest.mark.parametrize("path", ["/wallet", "/shop"])
def test_the_policy_of_a_page_lets_nothing_foreign_or_inline_in(
    chromium: Browser, web_town: WebTown, path: str
) -> None:
    with chromium.new_context(base_url=web_town.url) as context:
        page = context.new_page()
        answer = page.goto(path)
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy and "'unsafe-eval'" not in policy
        assert "http" not in policy
        text = answer.text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", text)
        assert answer.headers["cache-control"] == "no-store"
        refused: list[str] = []
        page.on("console", lambda told: refused.append(told.text))
        page.evaluate(
            """() => {
              const script = document.createElement('script');
              script.textContent = 'document.title = "taken over"';
              document.body.append(script);
              return fetch('https://example.org/').catch(() => null);
            }"""
        )
        assert page.title() != "taken over"
        assert sum("Content Security Policy" in told for told in refused) >= 2, refused


@pytest.mark.parametrize("path", ["/wallet", "/shop", "/hall", "/city"])
def test_a_page_names_at_once_every_module_it_needs(
    chromium: Browser, web_town: WebTown, path: str
) -> None:
    asked: list[tuple[str, str]] = []

    def remember(event: dict[str, Any]) -> None:
        by = event["initiator"].get("url", "")
        asked.append((event["request"]["url"], by))

    with chromium.new_context(base_url=web_town.url) as context:
        page = context.new_page()
        cdp = context.new_cdp_session(page)
        cdp.on("Network.requestWillBeSent", remember)
        cdp.send("Network.enable")
        page.goto(path)
        page.locator("main[data-screen]").wait_for()
    by_page = {url for url, by in asked if by.endswith(path) and "js" in url.rsplit(".")[-1]}
    assert len(by_page) >= 8
    # Nothing the page named had to be read to hear of something else.
    assert [url for url, by in asked if by in by_page] == []


def test_assets_are_kept_for_good_and_packed(open_phone: OpenPhone) -> None:
    page = open_phone("/wallet")
    style = page.locator("link[rel=stylesheet]").get_attribute("href")
    assert style is not None
    answer = page.request.get(style, headers={"accept-encoding": "gzip"})
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert page.request.get(re.sub("/assets/[0-9a-f]+/", "/assets/0123/", style)).status == 404
    assert page.request.get("/assets/..%2f..%2fapp.py").status == 404


def test_the_language_chosen_stays_chosen(open_phone: OpenPhone) -> None:
    page = open_phone("/wallet#restore")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Bring a wallet back")).to_be_visible()
    page.goto("/shop")
    expect(page.get_by_role("heading", name="The shop’s till")).to_be_visible()
    page.get_by_role("link", name="ภาษาไทย").click()
    expect(page.locator("html")).to_have_attribute("lang", "th")


def test_the_wallet_works_by_keyboard_alone_and_back_goes_back(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = open_phone("/wallet")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#address")).to_be_visible()
    # Who presses too early is told so, and may press again.
    page.get_by_role("button", name="ขึ้นทะเบียนแล้ว").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("ยังไม่พบการขึ้นทะเบียน")
    web_town.enrol(page.locator("#address").inner_text())
    page.get_by_role("button", name="ขึ้นทะเบียนแล้ว").press("Enter")
    expect(page.get_by_role("heading", name="ข้าวกลางวัน")).to_be_visible()
    page.get_by_role("link", name="เพิ่มเติม", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="เพิ่มเติม")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", name="ข้าวกลางวัน")).to_be_visible()


def test_the_wallet_can_be_installed(open_phone: OpenPhone) -> None:
    page = open_phone("/wallet")
    manifest = page.request.get("/manifest.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    described = manifest.json()
    assert (described["start_url"], described["display"]) == ("/wallet", "standalone")
    assert page.request.get(described["icons"][0]["src"]).status == 200
    # What Chromium itself still misses; a window of a test is a private one.
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    told = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")
    missing = {each["errorId"] for each in told["installabilityErrors"]}
    assert missing <= {"in-incognito"}


def refusal_of(reason: Reason) -> dict[str, str]:
    """What the city says of a rule that refuses, as a quote carries it."""
    (th, en), (action_th, action_en) = say(reason.code, {}), advise(reason.code, {})
    return {"th": th, "en": en, "action_th": action_th, "action_en": action_en}


def quotes_refused(language: str) -> list[dict[str, Any]]:
    """A quote for each rule, refused by it, and the words a resident must read."""
    cases = []
    for refused in map(refusal_of, Reason):
        verdict = {"accepted": False, "refusal": refused}
        quote = {"amount": "0", "cash": "9000", "signed_at": 0, "verdict": verdict}
        words = [refused[language], refused[f"action_{language}"]]
        cases.append({"told": json.dumps(quote), "words": words})
    return cases


def problems_told(language: str, present: str) -> list[dict[str, Any]]:
    """Each failure as the till's answer to a scan, and the words a cashier must read."""
    cases = []
    for failure in every_failure():
        told = render(told_of(failure), "req_test").decode()
        problem = json.loads(told)
        words = [problem[f"detail_{language}"], problem[f"action_{language}"]]
        cases.append({"told": told, "words": words, "present": present})
    return cases


def test_every_refusal_says_why_and_what_to_do_on_both_screens_in_both_languages(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    script = (Path(__file__).parent / "show_refusals.js").read_text("utf-8")
    show = script[script.index("async (") :]
    wallet, shop = resident(open_phone, web_town), till_of(open_phone, web_town)
    present = web_town.present_text()
    body = web_town.charge_text(9_000).rsplit("/", 1)[1]
    for language in ("th", "en"):
        wallet.goto(f"/wallet?lang={language}#pay/{body}")
        expect(wallet.locator("#confirm")).to_be_visible()
        found = wallet.evaluate(show, ["quote", language, quotes_refused(language)])
        assert (found["missing"], found["shown"]) == ([], len(Reason))
        shop.goto(f"/shop?lang={language}#scan/9000")
        expect(shop.locator("#typed")).to_be_visible()
        found = shop.evaluate(show, ["scan", language, problems_told(language, present)])
        assert (found["missing"], found["shown"]) == ([], len(every_failure()))
