"""Arguments several commands take, read the same way everywhere."""

import re
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ledger.errors import AmountInvalid
from wallet_cli.language import both

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)


def _sum(text: str) -> int:
    from ledger.domain.amounts import SUM_MAX

    return _satang(text, SUM_MAX)


def _bill(text: str) -> int:
    from ledger.domain.amounts import SATANG_MAX

    return _satang(text, SATANG_MAX)


def _satang(text: str, most: int) -> int:
    from ledger.domain.amounts import parse_baht

    try:
        return parse_baht(text, most)
    except AmountInvalid as refused:
        why = refused.details.get("why", "")
        raise typer.BadParameter(f"{text[:40]!r} is not an amount of baht: {why}") from refused


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:11]) <= 2**32 - 1:
        raise typer.BadParameter(f"{text[:40]!r} is not a number from 1 to 4294967295")
    return int(text)


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text) or int(text, 16) == 0:
        raise typer.BadParameter(f"{text[:60]!r} is not an address (0x and forty hex digits)")
    return text


def baht_option(*names: str, th: str, en: str) -> Any:
    """An option in baht: `120`, `1,234.50`, Thai and full-width digits too. Held as satang."""
    return typer.Option(*names, parser=_bill, metavar="BAHT", help=both(th, en))


def number_option(*names: str, th: str, en: str) -> Any:
    """An option that is the number of a campaign, a pass or a merchant."""
    return typer.Option(*names, parser=_number, metavar="NUMBER", help=both(th, en))


def number_argument(*, th: str, en: str) -> Any:
    """An argument that is the number of a campaign, a pass or a merchant."""
    return typer.Argument(parser=_number, metavar="NUMBER", help=both(th, en))


def address_option(*names: str, th: str, en: str) -> Any:
    """An option that is an address; the zero address is none."""
    return typer.Option(*names, parser=_address, metavar="ADDRESS", help=both(th, en))


def address_argument(*, th: str, en: str) -> Any:
    """An argument that is an address; the zero address is none."""
    return typer.Argument(parser=_address, metavar="ADDRESS", help=both(th, en))


Baht = Annotated[
    int,
    typer.Argument(
        parser=_sum,
        metavar="BAHT",
        help=both("จำนวนเงินเป็นบาท เช่น 1,234.50", "an amount in baht, such as 1,234.50"),
    ),
]
CampaignNumber = Annotated[int, number_argument(th="เลขที่โครงการ", en="number of the campaign")]
PassNumber = Annotated[int, number_argument(th="เลขที่บัตร", en="number of the pass")]
OfDeployment = Annotated[
    Path | None,
    typer.Option(
        "--deployment",
        metavar="FILE",
        help=both(
            "ไฟล์ที่อยู่สัญญาของเมือง [NAKHON_DEPLOYMENT]",
            "the city's deployment record [NAKHON_DEPLOYMENT]",
        ),
    ),
]
OfCampaign = Annotated[
    int, number_option("--campaign", "-c", th="เลขที่โครงการ", en="number of the campaign")
]
OfMerchant = Annotated[
    int, number_option("--merchant", "-m", th="เลขที่ร้าน", en="number of the shop")
]
Address = Annotated[str, address_argument(th="ที่อยู่ 0x…", en="an address, 0x…")]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help=both("ไม่ต้องถามยืนยัน", "do not ask, go ahead"))
]
PinFile = Annotated[
    Path | None,
    typer.Option(
        "--pin-file",
        metavar="FILE",
        help=both("ไฟล์รหัส PIN ของกระดาษ ปกติถาม", "file with the paper's PIN; asked otherwise"),
    ),
]
Position = Annotated[
    str | None,
    typer.Option(
        "--position",
        metavar="LAT,LON",
        help=both("ตำแหน่งที่อยู่ เมื่อโครงการต้องการ", "where you are, if it is asked for"),
    ),
]
Accuracy = Annotated[
    int,
    typer.Option(
        "--accuracy",
        metavar="METRES",
        min=0,
        help=both("ความแม่นยำของตำแหน่ง เมตร", "how precisely that is known, in metres"),
    ),
]
ACCURACY_METRES: Final = 20
