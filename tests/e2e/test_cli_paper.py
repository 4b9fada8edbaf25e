"""Paper from the printer to the shop, and onto a phone, with nothing but the `nakhon` command."""

import csv
import stat
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from ledger.qr.codec import letters_of
from ledger.qr.image import png
from tests.e2e.running_city import Ended, RunningCity, eventually, nakhon, newcomer
from tests.e2e.town import Town, build_town
from tests.printed_letters import letters_on
from wallet_cli.exit_codes import ExitCode

pytestmark = pytest.mark.timeout(300)

COUNT = 12


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCity]:
    running = RunningCity(tmp_path_factory.mktemp("home"))
    running.start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def town(city: RunningCity, tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build_town(city, tmp_path_factory.mktemp("people"))


def password(town: Town) -> str:
    """The file with the password of every batch."""
    path = town.file("papers-password")
    path.write_text("รหัสของนายทะเบียน\n", "utf-8")
    return str(path)


def print_sheets(town: Town, papers: Path, *more: str, wanted: int = 0) -> Ended:
    """The registrar prints a batch."""
    return town.office("registrar").does(
        "pass", "print", str(papers), *more, "--password-file", password(town), wanted=wanted
    )


def batch(town: Town, name: str, *more: str, count: int = COUNT) -> Path:
    """A batch of papers, made and enrolled."""
    papers, table = town.file(f"{name}.papers"), town.file(f"{name}.csv")
    nakhon(
        "pass", "paper", str(papers), "--count", str(count), "--csv", str(table),
        "--district", "7", "--class", "resident", "--password-file", password(town), *more,
        environment=town.city.environment,
    )  # fmt: skip
    town.office("registrar").does("pass", "enrol", str(table))
    return papers


def codes(pdf: Path) -> list[str]:
    """The texts of all codes of all pages, read from the pages as pictures."""
    document = pypdfium2.PdfDocument(pdf)
    found: list[str] = []
    for page in document:
        picture = page.render(scale=200 / 72).to_pil().convert("L")
        read = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
        found += [code.text for code in read]
    document.close()
    return found


@pytest.fixture(scope="module")
def sheets(town: Town) -> Path:
    """Twelve enrolled papers, printed on coupon sheets."""
    papers = batch(town, "lunch")
    pdf = town.file("sheets.pdf")
    print_sheets(town, papers, "--campaign", "1", "--pdf", str(pdf))
    return pdf


def test_what_can_be_spent_is_readable_by_its_owner_alone(town: Town, sheets: Path) -> None:
    for path in (sheets, town.file("lunch.papers"), town.file("lunch.csv")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secret = town.file("lunch.papers").read_text()
    assert "scrypt" in secret
    assert len(set(codes(sheets))) == COUNT


def test_cards_carry_the_same_codes_as_the_sheets(town: Town, sheets: Path) -> None:
    cards = town.file("cards.pdf")
    print_sheets(town, town.file("lunch.papers"), "--cards", "--pdf", str(cards))
    assert sorted(codes(cards)) == sorted(codes(sheets))
    # Under each stands the same in letters, as on the papers that are made in the hall.
    letters = sorted(letters_of(text) for text in codes(sheets))
    assert sorted(letters_on(sheets.read_bytes())) == letters
    assert sorted(letters_on(cards.read_bytes())) == letters


def test_a_printed_file_is_not_overwritten_and_a_wrong_password_prints_nothing(
    town: Town, sheets: Path
) -> None:
    papers = town.file("lunch.papers")
    told = print_sheets(town, papers, "--cards", "--pdf", str(sheets), wanted=ExitCode.CONFLICT)
    assert "(file_exists)" in told.err
    wrong = town.file("wrong-password")
    wrong.write_text("not the password\n")
    fresh = town.file("fresh.pdf")
    told = town.office("registrar").does(
        "pass", "print", str(papers), "--cards", "--pdf", str(fresh),
        "--password-file", str(wrong), wanted=ExitCode.NOT_ALLOWED,
    )  # fmt: skip
    assert "(papers_closed)" in told.err and not fresh.exists()


def test_a_shop_takes_a_paper_and_a_moved_paper_is_dead(town: Town, sheets: Path) -> None:
    coupon = town.file("coupon.png")
    coupon.write_bytes(png(codes(sheets)[0]))
    scan = ("merchant", "scan", str(coupon), "--merchant", "1", "--bill", "120", "--yes")
    paid = town.shop.reads(*scan)
    assert (paid["amount"], paid["merchant"]) == ("6000", 1)
    # A till whose camera does not see: the letters do as well.
    typed = letters_of(codes(sheets)[1]).lower()
    paid_typed = town.shop.reads("merchant", "scan", typed, *scan[3:])
    assert (paid_typed["amount"], paid_typed["merchant"]) == ("6000", 1)
    assert paid_typed["pass"] != paid["pass"]
    phone = newcomer(town.city, town.directory, "paper-to-phone")
    moved = phone.reads("wallet", "move", "--paper", str(coupon), "--yes")
    assert (moved["holder"], moved["pass"]) == (phone.address, paid["pass"])
    refused = town.shop.does(*scan, wanted=ExitCode.NOT_FOUND)
    assert "(unknown_pass)" in refused.err
    assert phone.reads("wallet", "coupons")[0]["left"] == "194000"
    (told,) = phone.reads("wallet", "moves")
    assert told["by"] == "holder"


def test_a_paper_with_a_pin_is_worth_nothing_without_it(town: Town) -> None:
    papers = batch(town, "pin", "--pin", "--valid-until", "2099-12-31", count=2)
    pdf, pins = town.file("pin.pdf"), town.file("pins.csv")
    print_sheets(town, papers, "--campaign", "1", "--pdf", str(pdf), "--pins", str(pins))
    with pins.open(newline="") as file:
        rows = list(csv.DictReader(file))
    # A card, which names no scheme, tells the last day of its pass.
    cards = town.file("pin-cards.pdf")
    print_sheets(town, papers, "--cards", "--pdf", str(cards))
    document = pypdfium2.PdfDocument(cards)
    assert document[0].get_textpage().get_text_range().count("2642") == 2
    document.close()
    assert stat.S_IMODE(pins.stat().st_mode) == 0o600
    coupon, told = town.file("pin.png"), town.file("told-pin")
    coupon.write_bytes(png(codes(pdf)[0]))
    scan = (
        "merchant", "scan", str(coupon), "--merchant", "1", "--bill", "100", "--yes",
        "--pin-file", str(told),
    )  # fmt: skip
    known = {row["pin"] for row in rows}
    told.write_text(next(pin for pin in ("000000", "000001", "000002") if pin not in known))
    assert "(unknown_pass)" in town.shop.does(*scan, wanted=ExitCode.NOT_FOUND).err
    paid = []
    for row in rows:
        told.write_text(row["pin"])
        done = town.shop.does(*scan, wanted=None)
        if done.code == ExitCode.OK:
            paid.append(row["pass"])
    assert len(paid) == 1


def test_papers_that_are_not_enrolled_are_not_printed(town: Town) -> None:
    papers, table = town.file("waiting.papers"), town.file("waiting.csv")
    nakhon(
        "pass", "paper", str(papers), "-n", "2", "--csv", str(table), "--district", "7",
        "--password-file", password(town), environment=town.city.environment,
    )  # fmt: skip
    none = ("--pdf", str(town.file("none.pdf")))
    told = print_sheets(town, papers, "--cards", *none, wanted=ExitCode.NOT_FOUND)
    assert "(papers_not_enrolled)" in told.err
    told = print_sheets(town, papers, *none, wanted=ExitCode.USAGE)
    assert "(sheets_or_cards)" in told.err


def test_a_registrar_sees_who_moved_a_pass(town: Town) -> None:
    phone = newcomer(town.city, town.directory, "second-phone")
    registrar, why = town.office("registrar"), "แจ้งโทรศัพท์หายที่เทศบาล"
    registrar.does("pass", "rebind", "2", phone.address, "--reason", why, "--yes")
    eventually(lambda: phone.does("wallet", "moves", wanted=None).code == 0)
    shown = registrar.does("pass", "show", "2", "--lang", "th").out
    assert why in shown and "registrar" in shown
