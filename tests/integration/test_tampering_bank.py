"""Lies in the bank's files, and in the chain where it speaks of them: `close` names each."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.devnet import Devnet
from ledger.audit.close_page import close_page
from ledger.audit.closing import Closing, close
from ledger.audit.state import rebuild_state
from ledger.audit.statement_papers import StatementPaper, read_statement
from ledger.chain.gateway import Gateway
from ledger.domain.bank_layout import example_layouts
from ledger.domain.redemption import redemption_id
from ledger.domain.settlement import Leg
from ledger.domain.state import VoidTotal
from ledger.domain.statement import Place, Statement, StatementRow, statement_csv
from tests.bank_simulator import Bank
from tests.conftest import City
from tests.integration.lying_node import Lie, lying_gateway
from tests.integration.story import Story
from tests.integration.tampering import DAY, LAYOUT, PaidCity, paid_city, vanished, word

Change = Callable[[dict[str, bytes]], dict[str, bytes | None]]


@pytest.fixture(scope="module")
def paid(devnet: Devnet, deployed: City) -> Iterator[PaidCity]:
    """One city for all lies."""

    async def build() -> PaidCity:
        async with Gateway(devnet.rpc_url) as gateway:
            return await paid_city(Story(gateway, deployed))

    yield asyncio.run(build())


async def closed(
    paid: PaidCity,
    changed: dict[str, bytes | None] | None = None,
    lie: Lie | None = None,
    statements: Sequence[StatementPaper] = (),
) -> Closing:
    def honest(method: str, params: list[Any], result: Any) -> Any:
        return result

    async with lying_gateway(paid.story.gateway.url, lie or honest) as gateway:
        return await close(
            gateway, paid.story.city.deployment, DAY, paid.papers(changed), statements
        )


async def test_an_honest_day_is_closed_to_zero_satang(paid: PaidCity) -> None:
    closing = await closed(paid)
    assert [finding.en for finding in closing.findings] == []
    assert set(closing.zeros.values()) == {0} and closing.of_day == closing.to_date
    assert [number for _, number in closing.papers] == [1, 2, 1, 2]
    figures = closing.to_date
    # Six lunches and one of a listed guest; 20 baht of them undone; shop 2 paid again.
    assert figures["redeemed_amount"] == 3 * 5_000 + 15_000 + 5_000 + 5_000 + 5_000
    assert (figures["redeemed_copay"], figures["voided_amount"]) == (2_001, 2_000)
    assert figures["settled"] - figures["recredited"] == (
        figures["redeemed_amount"] + figures["redeemed_copay"]
        - figures["voided_amount"] - figures["voided_copay"]
    )  # fmt: skip
    assert closing.stands["due"] == closing.stands["owed"] == 0
    assert figures["burnt"] == figures["settled"]


async def test_a_day_before_anything_happened_has_nothing(paid: PaidCity) -> None:
    async with Gateway(paid.story.gateway.url) as gateway:
        closing = await close(gateway, paid.story.city.deployment, DAY - 1)
    assert closing.over and set(closing.to_date.values()) == {0} and closing.agrees


async def test_without_files_the_bank_is_not_spoken_of(paid: PaidCity) -> None:
    async with Gateway(paid.story.gateway.url) as gateway:
        closing = await close(gateway, paid.story.city.deployment, DAY)
    assert closing.agrees and closing.papers == []


async def test_the_page_says_it_in_thai_and_can_be_signed(paid: PaidCity) -> None:
    closing = await closed(paid)
    closing.papers[0] = (replace(closing.papers[0][0], name="<script>x</script>"), 1)
    page = close_page(closing, chain_id=31_337, notes=[("ต่าง", "differs <b>")])
    assert "29 ตุลาคม 2568" in page and "นายกเทศมนตรี" in page and "@media print" in page
    assert "<script" not in page and "differs &lt;b&gt;" in page
    assert closing.papers[0][0].digest.hex() in page
    assert page.index("ปิดบัญชี") < page.index("Books of")


def swapped(files: dict[str, bytes]) -> dict[str, bytes | None]:
    """A baht from one shop to the other: count and total stay."""
    moves = iter((1, -1))

    def moved(found: re.Match[bytes]) -> bytes:
        return b">%d.%s</InstdAmt>" % (int(found[1]) + next(moves), found[2])

    return {"payout-1": re.sub(rb">(\d+)\.(\d\d)</InstdAmt>", moved, files["payout-1"])}


def other_account(files: dict[str, bytes]) -> dict[str, bytes | None]:
    return {"payout-1": files["payout-1"].replace(b"9000000001", b"9000000009")}


def doubled_payout(files: dict[str, bytes]) -> dict[str, bytes | None]:
    return {"payout-1": files["payout-1"].replace(b"-M000002", b"-M000001")}


def other_total(files: dict[str, bytes]) -> dict[str, bytes | None]:
    return {"payout-1": re.sub(rb"<CtrlSum>[0-9]", b"<CtrlSum>9", files["payout-1"])}


def lost_payment(files: dict[str, bytes]) -> dict[str, bytes | None]:
    start, end = b"<CdtTrfTxInf>", b"</CdtTrfTxInf>"
    raw = files["payout-1"]
    return {"payout-1": raw[: raw.rindex(start)] + raw[raw.rindex(end) + len(end) :]}


def lost_line(files: dict[str, bytes]) -> dict[str, bytes | None]:
    end = example_layouts()[LAYOUT].line_end
    lines = files["payout-2"].split(end)
    return {"payout-2": end.join(lines[:1] + lines[2:])}


def cut_short(files: dict[str, bytes]) -> dict[str, bytes | None]:
    return {"answer-2": files["answer-2"][:-5]}


def other_round(files: dict[str, bytes]) -> dict[str, bytes | None]:
    return {"answer-2": files["answer-2"].replace(b"-R000002", b"-R000009")}


def answered_by(outcomes: dict[str, str], number: int) -> Change:
    def change(files: dict[str, bytes]) -> dict[str, bytes | None]:
        bank = Bank()
        if number == 1:
            bank.take_pain001(files["payout-1"])
        else:
            bank.take_layout(example_layouts()[LAYOUT], files["payout-2"])
        told = [
            replace(each, outcome=outcomes.get(each.reference[-1], "paid"))
            for each in bank.payments
        ]
        if number == 1:
            return {"answer-1": bank.answer_pain002(told)}
        return {"answer-2": bank.answer_layout(example_layouts()[LAYOUT], told)}

    return change


def other_amount(files: dict[str, bytes]) -> dict[str, bytes | None]:
    bank = Bank()
    bank.take_layout(example_layouts()[LAYOUT], files["payout-2"])
    told = [replace(each, amount=each.amount + 1) for each in bank.payments]
    return {"answer-2": bank.answer_layout(example_layouts()[LAYOUT], told)}


LIES: dict[str, tuple[Change, set[str]]] = {
    "money moves between two shops": (swapped, {"payment_differs"}),
    "a payment goes to another account": (other_account, {"paper_unrecorded"}),
    "a shop is paid twice": (doubled_payout, {"paper_unreadable"}),
    "the file's total is another": (other_total, {"paper_unreadable"}),
    "a payment is cut out": (lost_payment, {"paper_unreadable"}),
    "a line is cut out": (lost_line, {"paper_unreadable"}),
    "an answer is cut short": (cut_short, {"paper_unreadable"}),
    "an answer is to another round": (other_round, {"answer_unmatched"}),
    "an answer has another amount": (other_amount, {"answer_differs"}),
    "a returned payment is told paid": (answered_by({}, 1), {"return_unexplained"}),
    "a paid payment is told returned": (answered_by({"2": "returned"}, 2), {"return_unrecorded"}),
    "a file is missing": (lambda _: {"payout-2": None}, {"round_without_file"}),
    "a file is no file": (lambda _: {"payout-2": b"\0\1"}, {"paper_unreadable"}),
}


@pytest.mark.parametrize("what", LIES)
async def test_a_lying_file_is_named(paid: PaidCity, what: str) -> None:
    change, names = LIES[what]
    closing = await closed(paid, change(paid.files))
    assert names & {finding.code for finding in closing.findings}
    for finding in closing.findings:
        assert finding.th and finding.en.endswith(".")


ON_CHAIN: dict[str, tuple[Lie, set[str]]] = {
    "records of files vanish": (vanished("FileRecorded"), {"paper_unrecorded"}),
    "a file is recorded with another total": (
        word("FileRecorded", 1, lambda x: x - 1),
        {"paper_miscounted"},
    ),
    "a funding is told greater": (word("CampaignFunded", 1, lambda x: x + 1), {"not_zero"}),
    "a burning is told smaller": (word("TokensSettled", 0, lambda x: x - 1), {"not_zero"}),
}


@pytest.mark.parametrize("what", ON_CHAIN)
async def test_a_chain_that_differs_from_the_files_is_named(paid: PaidCity, what: str) -> None:
    lie, names = ON_CHAIN[what]
    closing = await closed(paid, lie=lie)
    assert names & {finding.code for finding in closing.findings}


async def statement_of(paid: PaidCity, merchant: int) -> str:
    """A shop's statement, by the domain's own writer, from what the chain says of it."""
    deployment = paid.story.city.deployment
    async with Gateway(paid.story.gateway.url) as gateway:
        state = await rebuild_state(gateway, deployment)
    rows = []
    for campaign, book in state.books.items():
        for _, _, record in book.redemptions():
            undone = book.voids.get((record.pass_number, record.step), VoidTotal())
            name = redemption_id(
                deployment.domain_separator, campaign, record.pass_number, record.step
            )
            for leg, satang in (
                (Leg.CITY, record.amount),
                (Leg.COPAY, record.copay),
                (Leg.CITY, -undone.amount),
                (Leg.COPAY, -undone.copay),
            ):
                if satang and record.merchant == merchant:
                    rows.append(
                        StatementRow(
                            redemption=name,
                            campaign=campaign,
                            leg=leg,
                            day=DAY,
                            amount=satang,
                            place=Place.PAID,
                            round=merchant,
                            paid_on=DAY,
                        )
                    )
    made = Statement(
        merchant=merchant, name_th="ร้าน", name_en="shop", day=DAY, rows=tuple(rows), on_chain=0
    )
    return statement_csv(made)


STATEMENTS: dict[str, tuple[Callable[[str], str], set[str]]] = {
    "nothing": (lambda text: text, set()),
    "a row is one satang more": (
        lambda text: text.replace(",5000,", ",5001,", 1),
        {"statement_differs", "statement_paid_differs"},
    ),
    "a row is left out": (
        lambda text: "".join(line for n, line in enumerate(text.splitlines(True)) if n != 1),
        {"statement_differs", "statement_paid_differs"},
    ),
    "a row stands twice": (
        lambda text: text + text.splitlines(True)[-1],
        {"statement_differs", "statement_paid_differs"},
    ),
    "a row is of no redemption": (
        lambda text: text.replace("rdm_", "rdm_x", 1),
        {"statement_differs"},
    ),
    "a paid row is told carried": (
        lambda text: text.replace(",paid,", ",carried,", 1),
        {"statement_paid_differs"},
    ),
    "a row cannot be read": (
        lambda text: text.replace(",5000,", ",=5000,", 1),
        {"statement_unreadable"},
    ),
}


@pytest.mark.parametrize("what", STATEMENTS)
@pytest.mark.parametrize("merchant", [1, 2])
async def test_a_lying_statement_is_named(paid: PaidCity, what: str, merchant: int) -> None:
    change, names = STATEMENTS[what]
    text = change(await statement_of(paid, merchant))
    closing = await closed(paid, statements=[read_statement("shop.csv", text.encode())])
    found = {finding.code for finding in closing.findings}
    # Where the shop's only redemption is gone, the statement names none at all.
    assert found == names or (names and found == {"statement_unreadable"} and merchant == 2)
    for finding in closing.findings:
        assert finding.th and finding.en.endswith(".")


async def test_a_statement_of_two_shops_is_named(paid: PaidCity) -> None:
    both = await statement_of(paid, 1)
    both += "".join((await statement_of(paid, 2)).splitlines(True)[1:])
    closing = await closed(paid, statements=[read_statement("shop.csv", both.encode())])
    assert [finding.code for finding in closing.findings] == ["statement_of_many"]


def test_the_page_needs_no_file_of_another_house() -> None:
    text = (Path(__file__).parents[2] / "ledger/audit/close.html").read_text("utf-8")
    assert "http" not in text and "<script" not in text
