"""The public's page: figures to take home, shops nearby, receipts proven in the browser."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ledger.domain.anchors import day_begins
from ledger.domain.clock import bangkok_day
from ledger.services.anchors import keep_up
from tests.e2e.conftest import PATIENCE_MS, PHONE, OpenPhone
from tests.e2e.test_web_faces import fits_the_smallest_phone, looked_at, speaks_one_language
from tests.e2e.web_hall import DESK, paste, pay, public_tour
from tests.e2e.web_screens import screen_of, screens_of
from tests.e2e.web_town import SHOP, WebTown
from tests.integration.till import key_of

pytestmark = pytest.mark.timeout(300)
expect.set_options(timeout=PATIENCE_MS)
BESIDE = {"latitude": 18.7850, "longitude": 98.9920}


@pytest.fixture(scope="module")
def spent(web_town: WebTown) -> str:
    """A day on which two shops took something, anchored; the reference of a redemption."""
    noodles = web_town.register(
        key_of("noodles").address, "ก๋วยเตี๋ยวเรือ", latitude="18.7840", longitude="98.9930"
    )
    web_town.register(key_of("far").address, "ตลาดไกล", latitude="18.9000", longitude="98.9930")
    taken = pay(web_town, "somchai", 1, 12_000, 6_000).json()
    web_town.do(web_town.till.enrol("lek"))
    answer = web_town.do(web_town.till.pay("lek", noodles, 8_000, 4_000))
    assert answer.status_code == 201, answer.text
    assert pay(web_town, "malee", 1, 60_000, 30_000).json()["code"] == "day_quota_used"
    web_town.do(anchored(web_town))
    return str(taken["id"])


async def anchored(town: WebTown) -> None:
    """Let the day end, become final, and be written to the chain."""
    till = town.till
    await till.settle()
    day = bangkok_day(await till.now())
    await till.sleep_until(day_begins(day + 1) + 43_200)
    await till.settle()
    while await keep_up(till.runtime, now=await till.now()) is not None:
        await till.settle()


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_every_public_screen_can_be_used_by_everybody(
    open_phone: OpenPhone, spent: str, language: str, size: dict[str, int]
) -> None:
    seen = set()
    for name, page in public_tour(open_phone, language, spent, viewport=size):
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            looked_at(f"{name}-{language}-{size['width']}-{scheme}", page)
        speaks_one_language(name, page, language)
        if size == PHONE:
            fits_the_smallest_phone(name, page)
        seen.add(screen_of(page))
    assert seen == screens_of("public")


@pytest.mark.usefixtures("spent")
def test_each_figure_downloads_and_each_day_agrees_with_its_anchor(open_phone: OpenPhone) -> None:
    page = open_phone("/city", viewport=DESK)
    page.get_by_role("link", name="ดูรายละเอียด").click()
    expect(page.locator(".tile", has_text="ถึงร้านค้าแล้ว")).to_contain_text("100 ฿")
    expect(page.locator("tr", has_text="29 ต.ค. พ.ศ. 2568").last).to_contain_text("ตรง")
    expect(page.locator(".proof.bad")).to_have_count(0)
    expect(page.locator(".lines", has_text=SHOP)).to_be_visible()
    for heading, column in (("ร้านใดได้รับ", "merchant"), ("ปฏิเสธเพราะอะไร", "refused")):
        part = page.locator("section.panel", has=page.get_by_role("heading", name=heading))
        with page.expect_download() as downloading:
            part.get_by_role("link", name="CSV").click()
        text = Path(downloading.value.path()).read_text("utf-8-sig")
        assert column in next(csv.reader(io.StringIO(text)))
    assert page.context.cookies() == []


@pytest.mark.usefixtures("spent")
def test_a_figure_is_traced_to_its_rows_their_root_and_the_transaction(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = open_phone("/city#money/1", viewport=DESK)
    page.get_by_role("link", name="ตามรอย 29 ต.ค. พ.ศ. 2568").click()
    expect(page.locator(".proof.good")).to_have_count(2)
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody")).to_contain_text(SHOP)
    (anchor,) = web_town.do(web_town.till.client.get("/v1/anchors")).json()["items"][:1]
    for told in (anchor["root"], anchor["tx_hash"]):
        expect(page.locator("code", has_text=told).first).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="ทุกแถวของวัน").click()
    text = Path(downloading.value.path()).read_text("utf-8")
    assert text.count("\n") == 3

    # One satang less in one row: the sum is not the figure, and the root is another.
    altered = text.replace(",6000,", ",5999,")
    page.route("**/leaves", lambda route: route.fulfill(body=altered, content_type="text/csv"))
    page.reload()
    expect(page.locator(".proof.bad")).to_have_count(2)


@pytest.mark.usefixtures("spent")
def test_the_place_is_asked_for_only_on_a_tap_and_leaves_the_browser_never(
    open_phone: OpenPhone,
) -> None:
    page = open_phone("/city#near", geolocation=BESIDE, permissions=["geolocation"])
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url + (it.post_data or "")))
    expect(page.locator(".rows .row").first).to_contain_text("ป้าน้ำผึ้ง")
    page.get_by_role("button", name="เรียงจากใกล้ฉัน").click()
    first, second = page.locator(".rows .row").nth(0), page.locator(".rows .row").nth(1)
    expect(first).to_contain_text("ก๋วยเตี๋ยวเรือ")
    expect(first).to_contain_text("150 ม.")
    expect(second).to_contain_text("ตลาดไกล")
    expect(page.locator(".map-here")).to_be_visible()
    assert not any("98.99" in each or "18.78" in each for each in asked)


def test_without_the_place_the_list_is_still_there(open_phone: OpenPhone) -> None:
    page = open_phone("/city#near")
    page.get_by_role("button", name="เรียงจากใกล้ฉัน").click()
    expect(page.get_by_role("alert")).to_contain_text("หาตำแหน่งไม่ได้")
    expect(page.locator(".rows .row").first).to_be_visible()


def test_a_desk_without_a_camera_is_calmly_offered_to_paste_or_choose_a_picture(
    open_phone: OpenPhone,
) -> None:
    page = open_phone("/city#receipt", viewport=DESK)
    expect(page.locator("#typed")).to_be_visible()
    expect(page.get_by_text("เลือกรูปคิวอาร์")).to_be_visible()
    page.wait_for_timeout(1_000)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("video")).to_be_hidden()
    # Only who asks for the camera is told that there is none, and what to do.
    page.get_by_role("button", name="เปิดกล้อง").click()
    expect(page.get_by_role("alert")).to_contain_text("เลือกรูป หรือพิมพ์รหัส")


def test_a_receipt_is_proven_and_an_altered_one_named(
    open_phone: OpenPhone, web_town: WebTown, spent: str
) -> None:
    page = open_phone("/city#receipt", viewport=DESK)
    paste(page, spent)
    expect(page.locator(".state")).to_have_text("เมืองลงลายเซ็นใบรับนี้จริง")
    expect(page.locator(".proof.good")).to_have_count(2)
    expect(page.locator(".proof.good").last).to_contain_text("วันที่ 29 ต.ค. พ.ศ. 2568")
    expect(page.locator(".slip")).to_contain_text(SHOP)
    # Of a day that has not ended, the page says when to look again.
    paste(page, web_town.pay_shop(web_town.shop, 9_000, "5e" * 8))
    expect(page.locator(".proof.good")).to_have_count(1)
    expect(page.locator(".proof", has_text="ยังไม่ถูกเขียนลงเชน")).to_contain_text("พรุ่งนี้")
    found = web_town.do(web_town.till.client.get(f"/v1/receipts/{spent}/path")).json()
    paste(page, found["receipt"]["qr"])
    expect(page.locator(".proof.good")).to_have_count(1)
    found["receipt"]["amount"] = "9900"
    altered = {"name": "r.json", "mimeType": "application/json"}
    page.locator("#receipt-file").set_input_files(
        {**altered, "buffer": json.dumps(found).encode()}  # type: ignore[typeddict-item]
    )
    expect(page.locator(".slip.bad")).to_contain_text("amount")
    found["receipt"]["amount"] = "6000"
    found["path"]["siblings"] = ["0x" + "11" * 32 for _ in found["path"]["siblings"]]
    page.locator("#receipt-file").set_input_files(
        {**altered, "buffer": json.dumps(found).encode()}  # type: ignore[typeddict-item]
    )
    expect(page.locator(".proof.bad")).to_contain_text("ไม่อยู่ในบัญชี")
    paste(page, "สวัสดี")
    expect(page.get_by_role("alert").last).to_contain_text("ไม่ใช่ใบรับ")


@pytest.mark.usefixtures("spent")
def test_the_public_page_works_by_keyboard_alone(open_phone: OpenPhone) -> None:
    page = open_phone("/city", viewport=DESK)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="ดูรายละเอียด")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_be_visible()
    page.get_by_role("link", name="ตามรอย").first.press("Enter")
    expect(page.locator(".proof.good")).to_have_count(2)
    expect(page.locator("main h1")).to_be_focused()
    page.go_back()
    expect(page.locator(".tile").first).to_be_visible()
    page.get_by_role("link", name="ตรวจใบรับ").press("Enter")
    expect(page.locator("main h1")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#typed")).to_be_focused()
    page.keyboard.type("สวัสดี")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("ไม่ใช่ใบรับ")


def test_the_policy_of_both_pages_lets_nothing_foreign_in(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    for path in ("/hall", "/city"):
        page = open_phone(path)
        answer = page.request.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", answer.text())
        asked = page.evaluate("performance.getEntriesByType('resource').map((it) => it.name)")
        assert {each.split("/")[2] for each in asked} == {web_town.url.split("/")[2]}
        weight = page.evaluate(
            "performance.getEntriesByType('resource').filter((it) => !it.name.endsWith('.woff2'))"
            ".reduce((sum, it) => sum + it.encodedBodySize, 0)"
        )
        assert 10_000 < weight < 100_000, (path, weight)
