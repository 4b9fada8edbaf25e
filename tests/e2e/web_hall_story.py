"""A campaign's life, chapter by chapter, each by the office it belongs to, in its own browser."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.web_hall import (
    OpenPhone,
    carried_out,
    days_pass,
    fill_draft,
    officer,
    pay,
    show,
    step,
)
from tests.e2e.web_town import SHOP, WebTown
from tests.integration.treasury import carried

MINTED = "5000000"


class Story:
    """Seven officers, signed in when they are first needed."""

    def __init__(self, open_phone: OpenPhone, town: WebTown) -> None:
        self.open_phone = open_phone
        self.town = town
        self.till = town.till
        self._desks: dict[str, Page] = {}

    def desk(self, role: str) -> Page:
        """The browser of the holder of an office."""
        if role not in self._desks:
            self._desks[role] = officer(self.open_phone, self.town, role)
        return self._desks[role]

    def drafts(self) -> int:
        """A draft, tried on the past and submitted; its number."""
        page = self.desk("campaign_officer")
        page.get_by_role("link", name="ร่างโครงการใหม่").click()
        fill_draft(page)
        page.get_by_role("button", name="ย้อนหลัง").click()
        expect(page.locator("#replay")).to_be_visible()
        expect(page.locator(".tile", has_text="เมืองจะจ่ายตามร่าง")).to_contain_text("60 ฿")
        page.locator("#submit").click()
        carried_out(self.town, page.locator(".badge", has_text="รออนุมัติ"))
        expect(page.locator("[data-step]")).to_have_count(0)
        return int(page.url.rsplit("/", 1)[1])

    def is_approved(self, number: int) -> None:
        """By another person, who reads what the first one wrote and tries it on the past."""
        page = self.desk("approver")
        show(page, f"campaign/{number}", ".sentences")
        expect(page.locator(".sentences")).to_contain_text("ไม่เกินวันละ 150 บาท")
        page.get_by_role("button", name="ลองกับข้อมูลย้อนหลัง").click()
        expect(page.locator("#replay")).to_be_visible()
        step(self.town, page, "approve", "รอให้สิทธิ์")

    def is_funded(self, number: int) -> None:
        """By the treasurer, in Thai digits."""
        to = self.till.runtime.signers["treasurer"].address
        body = {"to": to, "amount": MINTED}
        self.town.do(self.till.order("treasurer", "/v1/tokens/mint", body))
        page = self.desk("treasurer")
        show(page, f"campaign/{number}", "#fund")
        page.locator("#fund").fill("๕,๐๐๐")
        page.get_by_role("button", name="ใส่งบ").click()
        carried_out(self.town, page.locator(".facts", has_text="5,000 ฿"))

    def is_issued(self, number: int) -> None:
        """By a third person."""
        page = self.desk("issuer")
        show(page, f"campaign/{number}", "[data-step=issue]")
        step(self.town, page, "issue", "เปิดใช้อยู่")

    def is_watched(self, number: int) -> None:
        """What is taken and refused shows by itself, with the shop's name as a name."""
        page = self.desk("treasurer")
        show(page, f"live/{number}", ".tile")
        taken = pay(self.town, "malee", number, 20_000, 10_000)
        assert taken.status_code == 201, taken.text
        expect(page.locator(".tile", has_text="กำลังขึ้นเชน")).to_contain_text("100 ฿")
        refused = pay(self.town, "somchai", number, 40_000, 20_000)
        assert refused.json()["code"] == "day_quota_used"
        expect(page.locator("[data-part=refusals]")).to_contain_text("ใช้สิทธิ์ของวันครบแล้ว")
        expect(page.locator("[data-part=shops]")).to_contain_text(SHOP)
        self.town.do(self.till.settle())
        expect(page.locator(".tile", has_text="ใช้แล้ว")).to_contain_text("100 ฿")

    def is_paused_and_resumed(self, number: int) -> None:
        """By the guardian, and by the approver."""
        page = self.desk("guardian")
        show(page, f"campaign/{number}", "[data-step=pause]")
        step(self.town, page, "pause", "หยุดชั่วคราว")
        # What is signed before the pause still counts, so this is signed well after it.
        self.town.do(self.till.sleep_until(self.town.do(self.till.now()) + 60))
        stopped = pay(self.town, "malee", number, 2_000, 1_000)
        assert stopped.json()["code"] == "campaign_paused"
        page = self.desk("approver")
        show(page, "", ".card")
        show(page, f"campaign/{number}", "[data-step=resume]")
        step(self.town, page, "resume", "เปิดใช้อยู่")

    def bank_accounts_are_kept(self) -> None:
        """The city's by the treasurer, the shop's by the registrar."""
        city = {"code": "006", "number": "1111111111", "name": "เทศบาลเมืองแม่เหียะ"}
        shop = {"shop": str(self.town.shop), "code": "006", "number": "1234567890", "name": "ปู่"}
        for role, account in (("treasurer", city), ("registrar", shop)):
            page = self.desk(role)
            show(page, "rounds", "#bank-code")
            for field, value in account.items():
                page.locator(f"#bank-{field}").fill(value)
            page.get_by_role("button", name="เก็บบัญชี").click()
            expect(page.get_by_text("เก็บบัญชีแล้ว")).to_be_visible()

    def books_are_closed(self) -> str:
        """A day later, by the treasurer; approved by another person. The round's screen."""
        days_pass(self.town)
        page = self.desk("treasurer")
        show(page, "rounds", "#minimum")
        page.get_by_role("button", name="ปิดบัญชีวันนี้").click()
        expect(page.locator(".figure")).to_have_text("160 ฿")
        expect(page.locator("[data-step=approve]")).to_have_count(0)
        made = page.url.partition("#")[2]
        approving = self.desk("approver")
        show(approving, made, "[data-step=approve]")
        expect(approving.locator("td", has_text=SHOP)).to_be_visible()
        approving.locator("[data-step=approve]").click()
        expect(approving.get_by_text("ถอนไม่ได้อีก")).to_be_visible()
        approving.get_by_role("button", name="ยืนยัน").click()
        expect(approving.locator(".badge", has_text="อนุมัติแล้ว")).to_be_visible()
        expect(approving.locator(".facts", has_text="ผู้ทำ")).to_contain_text("treasurer")
        expect(approving.locator(".facts", has_text="ผู้อนุมัติ")).to_contain_text("approver")
        return made

    def file_of(self, made: str, directory: Path) -> bytes:
        """The bank's file: the page follows the round over the chain by itself, and has none
        before it is final."""
        page = self.desk("treasurer")
        show(page, "rounds", "#minimum")
        show(page, made, ".figure")
        expect(page.locator("[data-step=file]")).to_have_count(0)
        self.town.do(carried(self.till, int(made.partition("/")[2])))
        expect(page.locator("[data-step=file]")).to_be_visible()
        with page.expect_download() as downloading:
            page.locator("[data-step=file]").click()
        file = directory / downloading.value.suggested_filename
        downloading.value.save_as(file)
        return file.read_bytes()

    def answer_is_read(self, made: str, answer: Path) -> None:
        """The shop is paid, and its statement can be taken along."""
        page = self.desk("treasurer")
        show(page, "rounds", "#answer")
        page.locator("#answer").set_input_files(answer)
        page.get_by_role("button", name="อ่านคำตอบ").click()
        expect(page.get_by_text("ถึงร้านแล้ว 1 รายการ")).to_be_visible()
        show(page, made, "table")
        expect(page.locator("td", has_text="ถึงร้านแล้ว")).to_be_visible()
        with page.expect_download() as downloading:
            page.get_by_role("button", name="XLSX").click()
        assert downloading.value.suggested_filename == f"statement-{self.town.shop}.xlsx"
