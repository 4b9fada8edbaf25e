"""What the treasurer prints with nothing but the `nakhon` command."""

import pypdfium2
import pytest

from tests.e2e.running_city import RunningCity, nakhon
from tests.e2e.town import build_town
from wallet_cli.exit_codes import ExitCode

pytestmark = pytest.mark.timeout(300)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def test_statements_accounts_and_funders_are_printed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    city = RunningCity(tmp_path_factory.mktemp("home"))
    city.start()
    town = build_town(city, tmp_path_factory.mktemp("people"))
    treasurer = town.office("treasurer")
    for document, words in (("statement", "ใบแจ้งยอดร้าน 1"), ("account", "บัญชีปิดโครงการ 1")):
        paper = town.file(f"{document}.pdf")
        treasurer.does("settle", "pdf", document, "1", str(paper))
        assert words in text_of(paper.read_bytes())
    funders = nakhon("audit", "state", "funders", "--json", environment=city.environment).json()
    address = funders[0]["funder"]
    paper, table, page = (town.file(f"funder.{form}") for form in ("pdf", "csv", "html"))
    files = ("--pdf", str(paper), "--csv", str(table), "--html", str(page))
    treasurer.does("settle", "funder", address, *files)
    assert "ใบแจ้งผู้สมทบทุน" in text_of(paper.read_bytes())
    assert table.read_text("utf-8").startswith("by,what,campaign")
    assert address in page.read_text("utf-8")
    missing = treasurer.does("settle", "funder", "0x" + "1" * 40, wanted=ExitCode.NOT_FOUND)
    assert "(not_found)" in missing.err
    assert city.stop() == 0
