"""Statements as PDF, and what funders' money bought, from a real chain and either database."""

import csv
import io

from sqlalchemy import text

from ledger.db.session import reading
from tests.integration.problems_expected import expect_problem
from tests.integration.till import Till, key_of
from tests.integration.treasury import banked, paid_lunch

SHOP = "ข้าวซอย"


async def test_a_shop_and_the_treasurer_get_the_statement_as_pdf(till: Till) -> None:
    await banked(till, 1)
    await paid_lunch(till)
    await till.settle()
    mine = await till.signed(key_of(SHOP), "GET", "/v1/merchants/1/statement?form=pdf")
    assert mine.status_code == 200 and mine.content.startswith(b"%PDF-")
    assert mine.headers["content-type"] == "application/pdf"
    treasurer = till.named("treasurer")
    same = await till.client.get("/v1/statements/1?form=pdf", headers=treasurer)
    assert same.content == mine.content
    account = await till.client.get("/v1/campaigns/1/account?form=pdf", headers=treasurer)
    assert account.content.startswith(b"%PDF-")
    plain = await till.client.get("/v1/campaigns/1/account", headers=treasurer)
    assert plain.json()["balance"] == "0"


async def test_what_funders_money_bought_adds_up_to_what_the_chain_spent(till: Till) -> None:
    first = await paid_lunch(till)
    await paid_lunch(till, "malee", amount=4_001)
    await till.settle()
    assert (await till.void(SHOP, first, 999)).status_code == 202
    await till.settle()
    treasurer, bought, funded = till.named("treasurer"), 0, 0
    async with reading(till.runtime.engine) as session:
        funders = list(await session.scalars(text("SELECT DISTINCT funder FROM contributions")))
    assert funders
    for address in funders:
        path = f"/v1/funders/{address}/statement"
        answer = await till.client.get(path, headers=treasurer)
        told = answer.json()
        assert answer.status_code == 200 and told["agrees"], answer.text
        for shares in told["shares"].values():
            assert sum(map(int, shares.values())) == int(told["bought"])
        for line in told["contributions"]:
            assert int(line["amount"]) == sum(
                int(line[what]) for what in ("bought", "returned", "left")
            )
            funded += int(line["amount"])
        assert set(told["shares"]["day"]) == {"2025-10-29"}
        bought += int(told["bought"])
        table = await till.client.get(f"{path}?form=csv", headers=treasurer)
        rows = list(csv.DictReader(io.StringIO(table.text)))
        days = sum(int(row["amount_satang"]) for row in rows if row["by"] == "day")
        assert days == int(told["bought"])
        page = await till.client.get(f"{path}?form=html", headers=treasurer)
        assert address in page.text
        paper = await till.client.get(f"{path}?form=pdf", headers=treasurer)
        assert paper.content.startswith(b"%PDF-")
    assert bought == 6_000 + 4_001 - 999
    account = await till.client.get("/v1/campaigns/1/account", headers=treasurer)
    in_, *_rest = account.json()["rows"]
    assert (in_["what"], int(in_["amount"])) == ("funded", funded)


async def test_an_address_that_paid_nothing_has_no_statement(till: Till) -> None:
    treasurer = till.named("treasurer")
    nobody = await till.client.get(f"/v1/funders/0x{'1' * 40}/statement", headers=treasurer)
    await expect_problem(nobody, 404, "not_found")
    nonsense = await till.client.get("/v1/funders/nonsense/statement", headers=treasurer)
    await expect_problem(nonsense, 422, "input_invalid")
