"""A replay's report as one page of HTML that can be printed and passed on: no script, no links."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ledger.domain.amounts import format_baht
from ledger.domain.clock import english_date, thai_date
from ledger.services import replay_charts as charts

TEMPLATE: Final = "replay.html"
SHOPS_LISTED_MAX: Final = 1_000
PASSES_LISTED_MAX: Final = 100


def replay_page(report: Mapping[str, Any]) -> str:
    """The page of a report made by `report_of`. The same report gives the same page."""
    room = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "baht": _baht,
        "signed_baht": _signed_baht,
        "count": lambda number: f"{number:,}",
        "thai_date": thai_date,
        "english_date": english_date,
    }
    room.filters |= filters
    shops, passes = report["shops"], report["passes"]
    refused = sorted(passes, key=lambda each: (-each["refused"], each["pass"]))
    return room.get_template(TEMPLATE).render(
        report=report,
        charts=_charts(report),
        width=charts.WIDTH,
        refusal_names={each["rule"]: each["th"] for each in report["refusals"]},
        shops=sorted(shops, key=lambda each: (int(each["change"]), each["shop"]))[
            :SHOPS_LISTED_MAX
        ],
        passes=[each for each in refused if each["refused"]][:PASSES_LISTED_MAX],
    )


def _baht(satang: str) -> str:
    return format_baht(int(satang))


def _signed_baht(satang: str) -> str:
    amount = int(satang)
    sign = "+" if amount > 0 else "−" if amount < 0 else ""
    return sign + format_baht(abs(amount))


def _charts(report: Mapping[str, Any]) -> dict[str, charts.Chart | None]:
    refusals = [each for each in report["refusals"] if each["refused"] or each["given_less"]]
    return {
        "days": charts.days_chart(report["days"]) if report["days"] else None,
        "refusals": charts.refusals_chart(refusals) if refusals else None,
        "shops": charts.shops_chart(report["shops"]) if report["shops"] else None,
        "hours": charts.hours_chart(report["hours"]) if report["days"] else None,
    }
