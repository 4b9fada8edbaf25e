"""Officers at their desks: a browser each, one office each, and a town that carries out orders."""

from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.bank_simulator import Bank
from tests.e2e.web_town import WebTown
from tests.integration.till import key_of
from tests.integration.treasury import made, tomorrow

DESK = {"width": 1280, "height": 900}
TURNS_MAX = 60
OpenPhone = Callable[..., Page]
Stop = tuple[str, Page]

SIGN_IN = "main form.door button"


def officer(
    open_phone: OpenPhone, town: WebTown, role: str, *, language: str = "th", **options: object
) -> Page:
    """A browser in which the holder of an office has signed in."""
    page = open_phone(f"/hall?lang={language}", **{"viewport": DESK, **options})
    page.locator("#key").fill(town.till.keys[role])
    page.locator(SIGN_IN).click()
    expect(page.locator(".who")).to_be_visible()
    expect(page.locator("nav.places")).to_be_visible()
    return page


def show(page: Page, screen: str, sign: str) -> None:
    """Go to a screen as a link would, and wait for a sign of it."""
    page.evaluate("(screen) => { location.hash = screen; }", screen)
    expect(page.locator(sign).first).to_be_visible()


def carried_out(town: WebTown, sign: Locator) -> None:
    """Let the sequencer and the indexer work until the page shows a sign that it is done."""
    for _ in range(TURNS_MAX):
        town.do(town.till.turn())
        try:
            expect(sign).to_be_visible(timeout=1_500)
        except AssertionError:
            continue
        # What the index shows already, the order itself may hear of a turn later.
        town.do(town.till.turn())
        return
    expect(sign).to_be_visible()


def step(town: WebTown, page: Page, name: str, after: str) -> None:
    """Take a step of a campaign, as two presses, until its badge reads `after`."""
    page.locator(f"[data-step={name}]").click()
    page.get_by_role("button", name="ยืนยัน").click()
    carried_out(town, page.locator(".badge", has_text=after))


def pay(town: WebTown, who: str, campaign: int, bill: int, amount: int) -> Any:
    """Somebody pays part of a bill at the town's shop; the answer, whatever it is."""
    return town.do(_pay(town, who, campaign, bill, amount))


async def _pay(town: WebTown, who: str, campaign: int, bill: int, amount: int) -> Any:
    till = town.till
    found = await till.client.get(
        f"/v1/passes?holder={key_of(who).address}", headers=till.named("registrar")
    )
    if not found.json()["items"]:
        await till.enrol(who)
    return await till.pay(who, town.shop, bill, amount, campaign=campaign)


def days_pass(town: WebTown, days: int = 1) -> None:
    """The same hour, days later, with everything until then final."""
    town.do(tomorrow(town.till, days))


def bank_answers(content: bytes) -> bytes:
    """What the bank sends back for a file of ours: everything is paid."""
    bank = Bank()
    bank.take_pain001(content)
    return bank.answer_pain002()


def hall_tour(
    open_phone: OpenPhone, town: WebTown, language: str, **options: object
) -> Iterator[Stop]:
    """Each screen of city hall's page, by name, while it is shown."""
    page = open_phone(f"/hall?lang={language}", **{"viewport": DESK, **options})
    expect(page.locator("#key")).to_be_visible()
    yield "hall-door", page
    page.locator("#key").fill("nk_wrong")
    page.locator(SIGN_IN).click()
    # In the words of the page: an officer has a key, and knows of no API.
    expect(page.get_by_role("alert")).not_to_contain_text("API")
    yield "hall-door-refused", page
    page = officer(open_phone, town, "campaign_officer", language=language, **options)
    expect(page.locator(".card h2").first).to_be_visible()
    yield "hall-campaigns", page
    show(page, "campaign/1", ".sentences")
    yield "hall-campaign", page
    show(page, "new", "#p-th")
    expect(page.locator(".field.wrong").first).to_be_visible()
    yield "hall-form-faults", page
    fill_draft(page)
    page.locator("main details.group > summary").click()
    page.get_by_role("button", name="ย้อนหลัง" if language == "th" else "on the past").click()
    expect(page.locator("#replay")).to_be_visible()
    yield "hall-form-replay", page
    show(page, "live/1", ".chart svg")
    expect(page.locator(".tile").first).to_be_visible()
    yield "hall-live", page
    show(page, "acts", ".notice")
    yield "hall-acts-closed", page
    page = officer(open_phone, town, "guardian", language=language, **options)
    show(page, "live/1", "[data-step=pause]")
    page.locator("[data-step=pause]").click()
    yield "hall-live-stop", page
    page = officer(open_phone, town, "registrar", language=language, **options)
    show(page, "people", "#residents")
    page.locator("#residents").set_input_files(
        {
            "name": "r.csv",
            "mimeType": "text/csv",
            "buffer": b"address,class,district\n0x1,king,99\n",
        }
    )
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("summary").first.click()
    yield "hall-people", page
    show(page, "papers", "#count")
    yield "hall-papers", page
    page.locator("#count").fill("2")
    page.locator("#with-pin").check()
    page.locator("#until").fill("2025-12-20")
    page.locator("main button[type=submit]").click()
    carried_out(town, page.locator(".paper-card").first)
    yield "hall-papers-made", page
    page = officer(open_phone, town, "treasurer", language=language, **options)
    show(page, "rounds", "#minimum")
    yield "hall-rounds", page
    page = officer(open_phone, town, "admin", language=language, **options)
    show(page, "acts", "table")
    yield "hall-acts", page
    number = round_of_the_town(town)
    page = officer(open_phone, town, "approver", language=language, **options)
    show(page, f"round/{number}", "table")
    yield "hall-round", page


def round_of_the_town(town: WebTown) -> int:
    """The first round of the town, made now if there is none, a day after what it pays."""
    found = town.do(town.till.client.get("/v1/rounds", headers=town.till.named("treasurer")))
    items = found.json()["items"]
    if not items:
        days_pass(town)
        items = [town.do(made(town.till))]
    return int(items[-1]["round"])


def fill_draft(page: Page, name: str = "มื้อเย็นชุมชน", **more: str) -> None:
    """Type a draft that the town's shop can take part in, and wait until it is read aloud."""
    typed = {
        "th": name, "en": "Community supper", "starts": "2025-10-29T06:00",
        "ends": "2025-12-20T23:00", "share": "50", "allowance": "1500", "perDay": "150", **more,
    }  # fmt: skip
    for field, value in typed.items():
        page.locator(f"#p-{field}").fill(value)
    expect(page.locator("#submit")).to_be_enabled()
    expect(page.locator(".reading .sentences")).to_contain_text(
        "มื้อเย็น" if page.locator("html").get_attribute("lang") == "th" else "supper"
    )


def public_tour(
    open_phone: OpenPhone, language: str, receipt: str, **options: object
) -> Iterator[Stop]:
    """Each screen of the public's page, by name, while it is shown; `receipt` is a reference."""
    page = open_phone(f"/city?lang={language}", **{"viewport": DESK, **options})
    expect(page.locator(".card h2").first).to_be_visible()
    yield "public-money", page
    show(page, "money/1", ".sentences")
    yield "public-campaign", page
    page.locator("td a.alone").first.click()
    expect(page.locator(".proof.good")).to_have_count(2)
    yield "public-day", page
    show(page, "near", ".rows")
    yield "public-near", page
    show(page, "receipt", "#typed")
    yield "public-receipt", page
    paste(page, receipt)
    expect(page.locator(".slip")).to_be_visible()
    yield "public-receipt-read", page
    show(page, "", ".card h2")
    page.context.set_offline(True)
    show(page, "money/1", ".notice.bad")
    yield "public-no-signal", page
    page.context.set_offline(False)


def paste(page: Page, text: str) -> None:
    """Give the public's page a receipt as text."""
    page.locator("#typed").fill(text)
    page.locator("form.typed button").click()
