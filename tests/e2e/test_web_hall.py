"""City hall with nothing but browsers, one for each office, on a real city."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ledger.db.api_keys import officer_of, withdraw_key
from ledger.db.session import transaction
from ledger.qr.sheets import Printed, card_sheets
from tests.e2e.conftest import PATIENCE_MS, OpenPhone
from tests.e2e.web_hall import (
    SIGN_IN,
    bank_answers,
    carried_out,
    fill_draft,
    officer,
    pay,
    show,
    step,
)
from tests.e2e.web_hall_story import Story
from tests.e2e.web_people import till_of
from tests.e2e.web_town import WebTown
from tests.integration.till import key_of
from tests.printed_letters import letters_on

pytestmark = pytest.mark.timeout(300)
expect.set_options(timeout=PATIENCE_MS)
IMAGE = "<img src=x onerror=alert(1)>"


def test_a_campaign_from_a_form_to_the_banks_answer(
    open_phone: OpenPhone, web_town: WebTown, tmp_path: Path
) -> None:
    """Draft, replay, approve, fund, issue, spend, watch, pause, close the books, pay, answer."""
    # The past that a draft is tried on.
    assert pay(web_town, "somchai", 1, 12_000, 6_000).status_code == 201
    web_town.do(web_town.till.settle())
    story = Story(open_phone, web_town)
    number = story.drafts()
    story.is_approved(number)
    story.is_funded(number)
    story.is_issued(number)
    story.is_watched(number)
    story.is_paused_and_resumed(number)
    story.bank_accounts_are_kept()
    made = story.books_are_closed()
    answer = tmp_path / "answer.xml"
    answer.write_bytes(bank_answers(story.file_of(made, tmp_path)))
    story.answer_is_read(made, answer)

    # Everybody can read what came of it, and nobody who did not sign in has a door.
    public = open_phone(f"/city#money/{number}")
    expect(public.locator(".tile", has_text="ถึงร้านค้าแล้ว")).to_contain_text("100 ฿")
    expect(public.locator(".lines", has_text="ใช้สิทธิ์ของวันครบแล้ว")).to_be_visible()


def test_each_fault_stands_at_its_field_and_goes_when_it_is_put_right(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = officer(open_phone, web_town, "campaign_officer")
    show(page, "new", "#p-th")
    fill_draft(page)
    # A moment is said in พ.ศ. beside the browser's own way of showing it.
    expect(page.locator("#p-starts-said")).to_have_text("29 ต.ค. พ.ศ. 2568 06:00:00 น.")
    fault = page.locator("#p-perDay-fault")
    page.locator("#p-allowance").fill("100")
    page.locator("#p-perDay").fill("200")
    expect(fault).to_have_text("มากกว่าสิทธิ์ทั้งหมด")
    expect(page.locator("#p-perDay")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#submit")).to_be_disabled()
    page.locator("#p-share").fill("0")
    page.locator("#p-th").fill("")
    expect(page.locator(".field.wrong")).to_have_count(3)
    page.locator("#p-share").fill("50")
    page.locator("#p-th").fill("<b>มื้อเย็น</b>")
    page.locator("#p-perDay").fill("๕๐")
    expect(page.locator(".field.wrong")).to_have_count(0)
    expect(page.locator("#submit")).to_be_enabled()
    expect(page.locator(".reading")).to_contain_text("<b>มื้อเย็น</b>")
    expect(page.locator(".reading")).to_contain_text("ไม่เกินวันละ 50 บาท")
    page.locator("#p-budget").fill("1000")
    page.locator("#p-people").fill("20")
    expect(page.locator(".field.wrong")).to_contain_text("เกินงบประมาณ 1,000 บาท")


def test_a_running_campaign_is_stopped_and_let_go_on_where_it_is_watched(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    guardian = officer(open_phone, web_town, "guardian")
    show(guardian, "live/1", "[data-step=pause]")
    watcher = officer(open_phone, web_town, "treasurer")
    show(watcher, "live/1", ".tile")
    expect(watcher.locator("main h1")).to_be_focused()
    # Who may not, reads who can.
    expect(watcher.locator("[data-part=brake]")).to_contain_text("ผู้พิทักษ์ระบบ")
    guardian.locator("[data-step=pause]").click()
    expect(guardian.locator("[data-part=brake]")).to_contain_text("จะถูกปฏิเสธ")
    guardian.get_by_role("button", name="ยังไม่ทำ").click()
    step(web_town, guardian, "pause", "หยุดชั่วคราว")
    expect(guardian.locator("main h1")).to_be_focused()
    expect(guardian.locator("[data-part=brake]")).to_contain_text("ผู้อนุมัติ")
    expect(watcher.locator(".badge", has_text="หยุดชั่วคราว")).to_be_visible()
    expect(watcher.locator("[data-part=brake]")).to_contain_text("ผู้อนุมัติ")
    approver = officer(open_phone, web_town, "approver")
    show(approver, "live/1", "[data-step=resume]")
    step(web_town, approver, "resume", "เปิดใช้อยู่")
    expect(watcher.locator(".badge", has_text="เปิดใช้อยู่")).to_be_visible()
    expect(watcher.locator("[data-step]")).to_have_count(0)
    # What is taken where the register has a place stands on the map as soon as it is read.
    expect(watcher.locator(".map-pin")).to_have_count(0)
    here = {"latitude": "18.7840", "longitude": "98.9930"}
    boat = web_town.register(key_of("boat noodles").address, "ก๋วยเตี๋ยวเรือ", **here)
    web_town.pay_shop(boat, 9_000)
    expect(watcher.locator(".map-pin")).to_have_count(1)
    expect(watcher.locator("[data-part=shops]")).to_contain_text("ก๋วยเตี๋ยวเรือ")
    # Who did what: both stand in the log under their names.
    admin = officer(open_phone, web_town, "admin")
    show(admin, "acts", "tbody tr")
    for who, what in (
        ("guardian", "พักโครงการ"),
        ("approver", "เปิดโครงการต่อ"),
    ):
        row = admin.locator("tbody tr", has_text=what).first
        expect(row.locator("b")).to_have_text([who, "โครงการ 1"])
    expect(admin.locator("tbody")).not_to_contain_text("/v1")


def test_a_table_is_read_whole_before_anything_happens(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = officer(open_phone, web_town, "registrar")
    show(page, "people", "#residents")
    # The table to begin with is one that can be read back: it lacks nothing but lines.
    page.locator("summary").first.click()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="ตารางเปล่า").first.click()
    page.locator("#residents").set_input_files(downloading.value.path())
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("tbody")).to_contain_text("ไม่มีบรรทัดหลังชื่อคอลัมน์")
    page.get_by_role("button", name="ลองไฟล์อื่น").click()
    rows = [
        "address,class,district", f"{key_of('new 1').address},resident,7",
        "0x12,resident,7", f"{key_of('new 1').address},student,1", "=1+1,king,๙๙๙",
    ]  # fmt: skip
    upload(page, "#residents", rows)
    lines = page.locator("tbody td.number")
    # Every fault of every line at once, and the line that only the register would refuse.
    expect(lines).to_have_text(["3", "4", "5", "5", "5"])
    expect(page.get_by_role("alert")).to_contain_text("3 บรรทัด (5 จุด)")
    for row, why in (
        (1, "ซ้ำกับบรรทัด 2"), (2, "(address)"), (3, "“king”"), (4, "ต้องไม่เกิน 63"),
    ):  # fmt: skip
        expect(page.locator("tbody tr").nth(row)).to_contain_text(why)
    expect(page.get_by_role("button", name="ลงทะเบียนทั้งหมด")).to_have_count(0)
    page.get_by_role("button", name="ลองไฟล์อื่น").click()
    upload(page, "#residents", rows[:2])
    page.get_by_role("button", name="ลงทะเบียนทั้งหมด").click()
    carried_out(web_town, page.get_by_text("ลงทะเบียนแล้ว", exact=True))
    upload(page, "#residents", rows[:2])
    expect(page.locator("tbody")).to_contain_text("อยู่แล้ว")

    shops = [
        "payout,kind,category,district,name_th,name_en,latitude,longitude",
        f"{key_of('s 1').address},restaurant,restaurant,7,{IMAGE},Noodles,18.79,98.98",
        f"{key_of('s 2').address},restaurant,restaurant,7,วัดพระสิงห์,Wat Phra Singh,18.78,98.98",
    ]
    upload(page, "#shops", shops)
    expect(page.locator("tbody td.number").last).to_have_text("3")
    expect(page.locator("section", has_text="ร้านค้า").last).to_contain_text("สถานที่นี้เป็นวัด")
    upload(page, "#shops", shops[:2])
    page.get_by_role("button", name="ขึ้นทะเบียนทั้งหมด").click()
    carried_out(web_town, page.get_by_text("ขึ้นทะเบียนร้านแล้ว", exact=True))
    near = open_phone("/city#near")
    expect(near.locator(".row b", has_text=IMAGE)).to_be_visible()
    assert near.locator("img[src=x]").count() == 0


def upload(page: Page, field: str, rows: list[str]) -> None:
    """Choose a table in a field of the page."""
    table = {"name": "t.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    page.locator(field).set_input_files(table)  # type: ignore[arg-type]


def two_papers(
    open_phone: OpenPhone, web_town: WebTown, *, pin: bool = False, until: str = ""
) -> tuple[Page, str, list[str]]:
    """Two papers that a registrar made in the browser, their order, and all that was sent."""
    page = officer(open_phone, web_town, "registrar")
    sent: list[str] = []
    page.on("request", lambda it: sent.append(it.post_data or ""))
    show(page, "papers", "#count")
    page.locator("#count").fill("2")
    page.locator("#holders").select_option("resident")
    if pin:
        page.get_by_label("รหัส PIN หกหลัก").check()
    page.locator("#until").fill(until)
    page.get_by_role("button", name="สร้างและลงทะเบียน").click()
    carried_out(web_town, page.locator(".paper-card").first)
    (order,) = [body for body in sent if '"passes"' in body]
    return page, order, sent


def test_papers_are_made_in_the_browser_and_pay_at_the_shop(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page, order, _sent = two_papers(open_phone, web_town, until="2025-12-20")
    expect(page.locator(".paper-card .qr")).to_have_count(2)
    # Through the last second of the day, in Bangkok; on paper as people write a day.
    assert order.count('"valid_until":1766250000') == 2
    expect(page.locator(".paper-card .until").first).to_have_text("ใช้ได้ถึงวันที่ 20 ธ.ค. พ.ศ. 2568")
    assert order.count('"medium":"paper"') == 2
    assert "seed" not in order
    page.emulate_media(media="print")
    expect(page.locator(".who")).to_be_hidden()
    expect(page.locator(".paper-card").first).to_be_visible()
    # What stands under the code says the same, for a till whose camera does not see.
    shop = till_of(open_phone, web_town)
    pay_typed(shop, page.locator(".paper-card code").first.inner_text())
    # So it does on the sheets of `nakhon pass print`, also where a letter was read as a digit.
    sheet = Printed(pass_number=1, text=web_town.paper(), pin_needed=False)
    (letters,) = letters_on(card_sheets("เมือง", "City", [sheet], now=0))
    shop.get_by_role("link", name="ลูกค้าคนต่อไป").click()
    pay_typed(shop, letters.lower().replace("o", "0").replace("-", " "))


def pay_typed(shop: Page, letters: str) -> None:
    """A bill of eighty baht, paid by the letters under a paper's code."""
    shop.locator("#bill").fill("80")
    shop.get_by_role("button", name="สแกนคิวอาร์ลูกค้า").click()
    shop.locator("#typed").fill(letters)
    shop.get_by_role("button", name="ใช้รหัสนี้").click()
    shop.locator("#confirm").click()
    expect(shop.locator(".taken")).to_contain_text("40 ฿")


def test_papers_with_a_pin_are_worth_nothing_without_it(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page, order, sent = two_papers(open_phone, web_town, pin=True)
    assert order.count('"medium":"paper_pin"') == 2
    with page.expect_download() as downloading:
        page.get_by_role("button", name="ไฟล์รหัส PIN").click()
    told = list(csv.DictReader(Path(downloading.value.path()).read_text("utf-8").splitlines()))
    pins = {row["pass"]: row["pin"] for row in told}
    assert len(pins) == 2 and all(re.fullmatch("[1-9][0-9]{5}", pin) for pin in pins.values())
    # The sheet says that a PIN is needed, and not which; nobody else was told it.
    sheet = page.locator(".paper-card").first
    expect(sheet).to_contain_text("ต้องใช้รหัส PIN")
    assert not any(pin in page.locator("main").inner_html() for pin in pins.values())
    assert not any(pin in body for pin in pins.values() for body in sent)
    # What was printed, with its PIN, pays at a shop.
    number = re.search("[0-9]+", sheet.locator("b").nth(1).inner_text())
    assert number is not None
    shop = till_of(open_phone, web_town)
    scan_sheet(shop, sheet.locator(".qr").screenshot())
    for pin, sign in (("000000", ".notice.bad"), (pins[number.group()], "#confirm")):
        shop.locator("#pin").fill(pin)
        shop.locator("main button[type=submit]").click()
        expect(shop.locator(sign)).to_be_visible()
    shop.locator("#confirm").click()
    expect(shop.locator(".taken")).to_contain_text("40 ฿")


def scan_sheet(shop: Page, picture: bytes) -> None:
    """A bill of eighty baht, and the picture of a paper for it."""
    shop.locator("#bill").fill("80")
    shop.get_by_role("button", name="สแกนคิวอาร์ลูกค้า").click()
    shop.locator("#picture").set_input_files(
        {"name": "sheet.png", "mimeType": "image/png", "buffer": picture}
    )
    expect(shop.locator("#pin")).to_be_visible()


def test_the_key_is_in_the_page_alone_and_the_session_ends(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = officer(open_phone, web_town, "guardian")
    secret = web_town.till.keys["guardian"]
    kept = page.evaluate(
        "async () => JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage},"
        " await indexedDB.databases(), document.documentElement.outerHTML])"
    )
    assert secret not in kept
    assert {each["name"] for each in page.context.cookies()} <= {"lang"}
    # What another site could send carries no key: the city does not know this browser.
    answer = page.request.post("/v1/campaigns/1/pause")
    assert (answer.status, answer.json()["code"]) == (401, "unauthorised")
    show(page, "campaign/1", ".sentences")
    page.get_by_role("button", name="ออกจากระบบ").click()
    expect(page.locator("#key")).to_have_value("")
    expect(page.locator("nav.places")).to_be_hidden()
    page.go_back()
    expect(page.locator(SIGN_IN)).to_be_visible()
    page = officer(open_phone, web_town, "guardian")
    page.reload()
    expect(page.locator(SIGN_IN)).to_be_visible()


def test_a_session_ends_without_use_and_with_its_key(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = open_phone("/hall")
    page.clock.install()
    page.reload()
    page.locator("#key").fill(web_town.till.keys["admin"])
    page.locator(SIGN_IN).click()
    expect(page.locator(".campaign-list")).to_be_visible()
    page.clock.fast_forward("14:00")
    expect(page.locator(".who")).to_be_visible()
    page.clock.fast_forward("02:00")
    expect(page.get_by_text("ไม่มีการใช้งาน 15 นาที")).to_be_visible()
    withdrawn = officer(open_phone, web_town, "auditor")
    web_town.do(withdraw(web_town, "auditor"))
    show(withdrawn, "acts", "#key")
    expect(withdrawn.get_by_text("กุญแจนี้ใช้ไม่ได้อีก")).to_be_visible()


async def withdraw(town: WebTown, role: str) -> None:
    """End a key while its holder is signed in."""
    async with transaction(town.till.runtime.engine) as session:
        key = await officer_of(session, town.till.keys[role])
        await withdraw_key(session, key.key_id, now=1)


def test_an_officer_works_by_keyboard_alone(open_phone: OpenPhone, web_town: WebTown) -> None:
    page = open_phone("/hall", viewport={"width": 1280, "height": 900})
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#key")).to_be_focused()
    page.keyboard.type(web_town.till.keys["approver"])
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()
    page.get_by_role("link", name="เปิดดู").first.press("Enter")
    expect(page.locator(".sentences")).to_be_visible()
    expect(page.locator("h1")).to_be_focused()
    page.go_back()
    expect(page.locator(".campaign-list")).to_be_visible()
