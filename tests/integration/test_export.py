"""An export holds what the chain says, the same bytes each time, and nothing in it calculates."""

import asyncio
import csv
import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ledger.audit.export import Account, read_account
from ledger.audit.export_files import FileFormat, write_export
from ledger.audit.export_sql import ask
from ledger.audit.export_tables import TABLES
from ledger.chain.gateway import Gateway
from ledger.domain.clock import bangkok_day
from ledger.domain.hashing import keccak
from ledger.domain.redemption import redemption_id
from ledger.errors import InputInvalid, NotFound, ToolMissing
from tests.conftest import City
from tests.integration.story import Story, lunch
from tests.integration.tampering import paid_city
from wallet_cli.exit_codes import ExitCode
from wallet_cli.main import run

EVERYTHING = list(FileFormat)
HOSTILE = '=HYPERLINK("http://evil","x")<script>alert(1)</script>\u202e\x1b[2J'


@pytest.fixture
async def account(gateway: Gateway, city: City) -> Account:
    """A lunch on the chain, read again, and a role with a name nobody should trust."""
    story = Story(gateway, city)
    await lunch(story)
    await story.tell("ADMIN", "AccessManager", "labelRole", 77, HOSTILE)
    await story.tell("ADMIN", "AccessManager", "grantRole", 77, story.shops[0].address, 0)
    return await read_account(gateway, city.deployment)


def table(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def test_an_export_tells_each_redemption_void_and_refusal(
    account: Account, tmp_path: Path
) -> None:
    write_export(account, tmp_path, [FileFormat.CSV])
    taken = table(tmp_path / "redemptions.csv")
    book = account.state.books[1]
    separator = account.deployment.domain_separator
    assert [row["id"] for row in taken] == [
        redemption_id(separator, 1, record.pass_number, record.step)
        for _batch, _position, record in book.redemptions()
    ]
    assert sum(int(row["amount"]) - int(row["voided"]) for row in taken) == (
        account.state.campaigns[1].spent
    )
    assert {(row["class"], row["district"], row["category"]) for row in taken} == {
        ("resident", "1", "restaurant")
    }
    assert {row["day"] for row in taken} == {"2025-10-29"}
    (void,) = table(tmp_path / "voids.csv")
    assert void["id"] in {row["id"] for row in taken} and void["amount"] == "2000"
    (refusal,) = table(tmp_path / "refusals.csv")
    assert refusal["reason"] == "share_exceeded" or refusal["pass"]
    gave = table(tmp_path / "contributions.csv")
    assert [row["amount"] for row in gave] == ["500000", "300000"]
    assert [row["returned"] for row in gave] == ["", ""]
    shops = table(tmp_path / "merchants.csv")
    assert sum(int(row["amount"]) for row in shops) == account.state.campaigns[1].spent
    assert len(table(tmp_path / "passes.csv")) == 10


async def test_equal_chains_give_equal_bytes(account: Account, tmp_path: Path) -> None:
    first = write_export(account, tmp_path / "a", EVERYTHING)
    again = write_export(account, tmp_path / "b", EVERYTHING)
    assert first == again
    told = json.loads((tmp_path / "a" / "export.json").read_bytes())
    assert {each["file"] for each in told["files"]} == {
        path.name for path in (tmp_path / "a").iterdir()
    } - {"export.json"}
    assert told["block_hash"] == account.state.head.hash if account.state.head else False


async def test_a_hostile_text_stays_a_text_in_csv_and_xlsx(
    account: Account, tmp_path: Path
) -> None:
    write_export(account, tmp_path, EVERYTHING)
    (cell,) = [row["label"] for row in table(tmp_path / "roles.csv") if row["role"] == "77"]
    assert cell.startswith("'=HYPERLINK") and "\x1b" not in cell and "\u202e" not in cell
    with zipfile.ZipFile(tmp_path / "nakhon.xlsx") as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "sheets/" in name]
    assert len(sheets) == len(TABLES)
    assert any("=HYPERLINK" in sheet for sheet in sheets)
    for sheet in sheets:
        assert "<f>" not in sheet and "<hyperlink" not in sheet
        assert "\x1b" not in sheet and "\u202e" not in sheet and "<script>" not in sheet


async def test_the_first_line_can_be_in_thai(account: Account, tmp_path: Path) -> None:
    write_export(account, tmp_path, [FileFormat.CSV], thai=True)
    raw = (tmp_path / "redemptions.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and "รหัสรายการ,โครงการ" in raw.decode()


async def test_a_question_in_sql_is_answered_from_the_files(
    account: Account, tmp_path: Path
) -> None:
    write_export(account, tmp_path, [FileFormat.PARQUET])
    found = ask(
        tmp_path, "SELECT merchant, sum(amount - voided) AS kept FROM redemptions GROUP BY 1"
    )
    assert found.columns == ("merchant", "kept")
    kept = {number: credit.amount for number, credit in account.state.books[1].credits.items()}
    assert dict(found.rows) == kept
    joined = (
        "SELECT count(*) FROM voids JOIN redemptions USING (id) JOIN merchants m ON m.merchant = 1"
    )
    assert ask(tmp_path, joined).rows == [(1,)]


async def test_an_export_tells_what_shops_were_paid_and_what_was_anchored(
    gateway: Gateway, city: City, tmp_path: Path
) -> None:
    story = Story(gateway, city)
    paid = await paid_city(story)
    day = bangkok_day(await story.now())
    await gateway.rpc("evm_increaseTime", [86_400])
    await gateway.rpc("evm_mine", [])
    root = keccak(b"a day")
    await story.tell("SEQUENCER", "AnchorLog", "anchor", day, root, 6, 40_000, 2_001, bytes(32))
    account = await read_account(gateway, city.deployment)
    write_export(account, tmp_path, [FileFormat.CSV, FileFormat.PARQUET])
    rounds = table(tmp_path / "rounds.csv")
    assert [(row["round"], row["status"]) for row in rounds] == [("1", "settled"), ("2", "settled")]
    assert {row["maker"] for row in rounds}.isdisjoint({row["approver"] for row in rounds})
    files = table(tmp_path / "bank_files.csv")
    assert [row["file_hash"] for row in files] == [
        "0x" + hashlib.sha256(paid.files[f"payout-{number}"]).hexdigest() for number in (1, 2)
    ]
    lines = table(tmp_path / "round_lines.csv")
    assert {row["merchant"] for row in lines if row["returned"] == "true"} == {"2"}
    total = (
        "SELECT r.round, r.total - sum(l.amount + l.copay) FROM rounds r"
        " JOIN round_lines l USING (round) GROUP BY r.round, r.total ORDER BY 1"
    )
    assert ask(tmp_path, total).rows == [(1, 0), (2, 0)]
    kept = "SELECT sum(amount + copay) FROM round_lines WHERE NOT returned"
    shops = "SELECT sum(paid) FROM merchants"
    assert ask(tmp_path, kept).rows == ask(tmp_path, shops).rows
    (anchor,) = table(tmp_path / "anchors.csv")
    assert (anchor["root"], anchor["leaves"]) == ("0x" + root.hex(), "6")


REFUSED = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/hostname'",
    "SELECT * FROM glob('/*')",
    "COPY redemptions TO '{dir}/x.csv'",
    "ATTACH '{dir}/x.db'",
    "CREATE TABLE x AS SELECT 1",
    "DELETE FROM redemptions",
    "SET enable_external_access = true",
    "INSTALL httpfs",
    "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
    "SELECT 1; SELECT 2",
    "SELECT * FROM raw_bytes",
    "SELECT unnest(range(100001))",
    "",
]


@pytest.mark.parametrize("question", REFUSED)
async def test_sql_reads_the_export_and_nothing_else(
    account: Account, tmp_path: Path, question: str
) -> None:
    write_export(account, tmp_path, [FileFormat.PARQUET])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    raw_bytes = [1, 2, 3]
    with pytest.raises(InputInvalid):
        ask(tmp_path, question.replace("{dir}", str(tmp_path)))
    assert raw_bytes and {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


async def test_the_commands_write_and_ask(city: City, account: Account, tmp_path: Path) -> None:
    record, books = tmp_path / "deployment.json", tmp_path / "books"
    record.write_bytes(city.deployment.document())
    named = {"NAKHON_RPC_URL": city.rpc_url, "NAKHON_DEPLOYMENT": str(record)}

    async def nakhon(*words: str) -> tuple[ExitCode, str, str]:
        out, err = io.StringIO(), io.StringIO()
        code = await asyncio.to_thread(
            run, ["audit", *words, "--lang", "en"], named, out=out, err=err
        )
        return code, out.getvalue(), err.getvalue()

    code, said, noted = await nakhon("export", str(books), "-o", "csv")
    assert code is ExitCode.OK and "redemptions.parquet" in said and "exported" in noted
    question = "SELECT label, 1 AS one, 2 AS one FROM roles WHERE role = '77'"
    code, said, _ = await nakhon("sql", question, str(books), "-o", "csv")
    assert code is ExitCode.OK
    assert said.startswith("label_1,one_2,one_3\n") and "'=HYPERLINK" in said
    code, said, _ = await nakhon("sql", question, str(books))
    assert code is ExitCode.OK and "\x1b" not in said and "\u202e" not in said
    code, _, noted = await nakhon("export", str(books), "--format", "parquet,docx")
    assert code is ExitCode.USAGE and "--format takes" in noted
    code, _, noted = await nakhon("sql", "DROP TABLE redemptions", str(books))
    assert code is ExitCode.USAGE and "SELECT" in noted


async def test_without_duckdb_it_says_what_to_install_and_the_rest_works(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(ToolMissing, match=r"nakhon\[sql\]"):
        write_export(account, tmp_path / "none", EVERYTHING)
    assert not (tmp_path / "none").exists()
    with pytest.raises(ToolMissing):
        ask(tmp_path, "SELECT 1")
    assert write_export(account, tmp_path, [FileFormat.CSV, FileFormat.XLSX])


async def test_sql_over_a_folder_without_an_export_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        ask(tmp_path, "SELECT 1")
