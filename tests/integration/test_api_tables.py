"""Tables that officers upload: every bad line is named by number and reason, all or nothing."""

from typing import Any

import httpx
import pytest

from tests.integration.till import Till, key_of

MARK = b"\xef\xbb\xbf"


async def upload(till: Till, path: str, table: bytes, role: str) -> httpx.Response:
    headers = till.named(role) | {"content-type": "text/csv; charset=utf-8"}
    return await till.client.post(path, content=table, headers=headers)


def lines_of(answer: httpx.Response) -> list[int]:
    return [error["line"] for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    "table",
    [
        b"pass\n3\n1\n2\n",
        MARK + b"pass\r\n3\r\n1\r\n2\r\n",
        b"pass\r3\r1\r2",
        b" PASS \n 3 \n\n1\n2\n\n",
        "pass\n๓\n๑\n๒\n".encode(),
        "pass\n３\n１\n２\n".encode(),
        b'"pass"\n"3"\n"1"\n"2"\n',
    ],
)
async def test_every_honest_spelling_of_a_list_is_the_same_list(till: Till, table: bytes) -> None:
    answer = await upload(till, "/v1/lists", table, "campaign_officer")
    assert answer.status_code == 201, answer.text
    plain = await upload(till, "/v1/lists", b"pass\n1\n2\n3\n", "campaign_officer")
    assert answer.json()["hash"] == plain.json()["hash"]
    assert answer.json()["count"] == 3


async def test_every_bad_line_is_named_and_nothing_is_kept(till: Till) -> None:
    table = (
        b"pass\n1\nzero\n0\n1\n-5\n4294967296\n1.0\n\xff\xfe\n7\0\n" + "๑2\n".encode() + b'8,9\n"4'
    )
    answer = await upload(till, "/v1/lists", table, "campaign_officer")
    assert (answer.status_code, answer.json()["code"]) == (422, "list_invalid")
    assert sorted(lines_of(answer)) == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert all(error["detail"] for error in answer.json()["errors"])
    async with till.runtime.engine.connect() as connection:
        counted = await connection.exec_driver_sql("SELECT count(*) FROM list_uploads")
        assert counted.scalar_one() == 0


@pytest.mark.parametrize(
    "table",
    [
        b"",
        b"\n\n",
        b"pass\n",
        b"number\n1\n",
        b"pass,pass\n1,1\n",
        b"pass,extra\n1,1\n",
        b"1\n2\n",
        b"\0",
        b"pass\n" + b"," * 5_000,
        b"pass\n" + b"9" * 200_000,
    ],
)
async def test_a_table_without_its_column_or_rows_is_refused(till: Till, table: bytes) -> None:
    answer = await upload(till, "/v1/lists", table, "campaign_officer")
    assert (answer.status_code, answer.json()["code"]) == (422, "list_invalid")


async def test_a_form_with_one_file_is_taken_like_the_file_itself(till: Till) -> None:
    sent = {"file": ("list.csv", b"pass\n1\n2\n", "text/csv")}
    answer = await till.client.post("/v1/lists", files=sent, headers=till.named("campaign_officer"))
    assert (answer.status_code, answer.json()["count"]) == (201, 2)
    for bad in ({"other": b"x"}, {"file": b"x", "more": b"y"}):
        answer = await till.client.post(
            "/v1/lists", files=bad, headers=till.named("campaign_officer")
        )
        assert answer.status_code in {400, 422}


async def test_residents_are_enrolled_from_a_table(till: Till) -> None:
    rows = ["address,class,district,valid_from,valid_until"]
    rows.append(f"{key_of('new 1').address},resident,๗,2025-10-29,")
    rows.append(f"{key_of('new 2').address},student,7,,1893456000")
    answer = await upload(till, "/v1/passes", "\r\n".join(rows).encode(), "registrar")
    assert answer.status_code == 202, answer.text
    for _ in answer.json()["intents"]:
        await till.turn()
    shown = []
    for number in (4, 5):
        found = await till.client.get(f"/v1/passes/{number}", headers=till.named("registrar"))
        shown.append(found.json())
    assert [(one["class"], one["district"]) for one in shown] == [("resident", 7), ("student", 7)]
    assert shown[0]["valid_from"] == 1_761_670_800


async def test_a_table_of_residents_with_one_bad_line_enrols_nobody(till: Till) -> None:
    good, other = key_of("new 1").address, key_of("new 2").address
    rows = [
        "address,class,district",
        f"{good},resident,1",
        f"{good},resident,1",
        f"{key_of('malee').address},resident,1",
        "0x" + "00" * 20 + ",resident,1",
        f"{other},emperor,1",
        f"{other},resident,64",
        f"{other[:-1]},resident,1",
        f"{other.swapcase().replace('0X', '0x')},resident,1",
    ]
    answer = await upload(till, "/v1/passes", "\n".join(rows).encode(), "registrar")
    assert (answer.status_code, answer.json()["code"]) == (422, "csv_invalid")
    # What cannot be read and what stands against the index, in one answer, as the preview gives.
    assert lines_of(answer) == [3, 4, 5, 6, 7, 7, 8, 9]
    seen = await upload(till, "/v1/passes/preview", "\n".join(rows).encode(), "registrar")
    assert [(one["line"], one["why"], one["why_th"]) for one in seen.json()["bad"]] == [
        (one["line"], one["detail"], one["detail_th"]) for one in answer.json()["errors"]
    ]
    # The Thai sentence names the lines in Thai too.
    assert "บรรทัด 3: ซ้ำกับบรรทัด 2" in answer.json()["detail_th"]
    async with till.runtime.engine.connect() as connection:
        queued = await connection.exec_driver_sql(
            "SELECT count(*) FROM intents WHERE status = 'queued'"
        )
        assert queued.scalar_one() == 0


async def test_a_list_of_passes_names_every_fault_in_one_answer_too(till: Till) -> None:
    people = [
        {"address": key_of("new 1").address, "district": 1},
        {"address": "0x" + "00" * 20, "district": 1},
        {"address": key_of("malee").address, "district": 1},
        {"address": key_of("new 2").address, "district": 1, "class": "emperor"},
        {"address": key_of("new 1").address, "district": 1},
    ]
    answer = await till.post("/v1/passes", {"passes": people}, role="registrar")
    assert (answer.status_code, answer.json()["code"]) == (422, "csv_invalid")
    assert lines_of(answer) == [2, 3, 4, 5]


async def test_a_table_of_shops_names_every_fault_in_one_answer(till: Till) -> None:
    head = "payout,kind,category,district,name_th,name_en"
    taken = key_of("ข้าวซอย").address
    rows = [head, f"{taken},restaurant,restaurant,1,ร้าน,Shop", "0x1,palace,restaurant,99,ร้าน,Shop"]
    answer = await upload(till, "/v1/merchants/table", "\n".join(rows).encode(), "registrar")
    assert (answer.status_code, answer.json()["code"]) == (422, "csv_invalid")
    assert lines_of(answer) == [2, 3, 3, 3]
    seen = await upload(till, "/v1/merchants/preview", "\n".join(rows).encode(), "registrar")
    assert [one["why"] for one in seen.json()["bad"]] == [
        one["detail"] for one in answer.json()["errors"]
    ]


async def test_a_last_day_lasts_to_its_end(till: Till) -> None:
    rows = ["address,class,district,valid_from,valid_until"]
    rows.append(f"{key_of('new 1').address},resident,7,2025-10-29,2025-10-29")
    answer = await upload(till, "/v1/passes", "\n".join(rows).encode(), "registrar")
    assert answer.status_code == 202, answer.text
    await till.turn()
    found = (await till.client.get("/v1/passes/4", headers=till.named("registrar"))).json()
    assert found["valid_until"] - found["valid_from"] == 86_400


async def test_a_thousand_residents_take_several_transactions_in_order(till: Till) -> None:
    rows = [{"address": key_of(f"many {n}").address, "district": n % 2} for n in range(900)]
    body: dict[str, Any] = {"passes": rows}
    answer = await till.post("/v1/passes", body, role="registrar")
    assert answer.status_code == 202, answer.text
    placed = answer.json()["intents"]
    assert len(placed) == 4
    await till.turn()
    done = [await till.intent(each["id"]) for each in placed]
    assert [each["result"]["first"] for each in done] == [4, 404, 454, 854]
    found = await till.client.get("/v1/passes/903", headers=till.named("registrar"))
    assert found.status_code == 200


async def test_a_campaign_for_a_list_is_for_that_list(till: Till) -> None:
    from tests.integration.till import LUNCH

    stored = (await upload(till, "/v1/lists", b"pass\n2\n3\n", "campaign_officer")).json()
    policy = LUNCH | {"issue": {"list": {"count": stored["count"], "hash": stored["hash"]}}}
    number = await till.open_campaign(policy)
    found = (await till.client.get(f"/v1/campaigns/{number}")).json()
    assert (found["status"], found["terms"]["list_count"]) == ("open", 2)
    off = await till.pay("somchai", 1, 2_000, 1_000, campaign=number)
    assert off.json()["code"] == "not_on_list"
    on = await till.pay("malee", 1, 2_000, 1_000, campaign=number)
    assert on.status_code == 201, on.text
    await till.settle()
    assert (await till.redemption(on.json()["id"]))["status"] == "final"
