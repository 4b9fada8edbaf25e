"""How soon a page can be used: `python -m bench.pages` prints a table, JSON=file writes its rows.

Each face's first screens are opened in Chromium, on a processor four times as slow, from a real
city on this machine: `first` with nothing kept, `again` with what the browser kept (and, for the
faces that have one, the service worker). TIMES (5) visits each, in a browser profile of their own.

- `kB`: what was asked for until the first control stood there, compressed and with headers, beside
  fonts;
- `asked`: how many requests that took;
- `usable`: from the start of the navigation until the first control stands on the screen, enabled,
  and the processor has nothing before it; the control is then pressed, and an answer has to show;
- `answer`: from a press to the frame that shows what came of it, over the presses of the visit;
- `cpu`: the main thread's own milliseconds until usable, still four times as slow, which other
  programs disturb less.

ONLY=/hall,/city chooses faces, SLOWER=1 the processor as it is. Returns 1 when a target is missed.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.e2e.web_town import WebTown

SLOWER: Final = int(os.environ.get("SLOWER") or 4)
TIMES: Final = 5
BYTES_MAX: Final = 100_000
USABLE_MS_MAX: Final = 2_000
ANSWER_MS_MAX: Final = 100
PATIENCE_MS: Final = 60_000
PHONE: Final = {"width": 390, "height": 844}
DESK: Final = {"width": 1280, "height": 900}
WATCH: Final = Path(__file__).with_name("pages_watch.js")
KEPT: Final = "navigator.serviceWorker.getRegistration().then((it) => Boolean(it?.active))"

Row = dict[str, Any]
Walk = Callable[[Page, WebTown], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One way into a face: what must be there to be used, and what is pressed then."""

    name: str
    path: str
    control: str
    presses: Walk
    size: dict[str, int] = field(default_factory=lambda: PHONE)
    before: Walk | None = None
    works: bool = False
    """Whether the page keeps itself with a service worker."""

    once: bool = False
    """Whether the press makes the page another one: there is no second such visit."""


def _tap(page: Page, sign: str, *, shows: str) -> None:
    page.locator(sign).first.click()
    page.locator(shows).first.wait_for()


def _place(page: Page, hash_: str, shows: str) -> None:
    _tap(page, f'nav.places a[href="{hash_}"]', shows=shows)


def _make_wallet(page: Page, town: WebTown) -> None:
    _tap(page, ".button.main", shows="#address")
    town.enrol(page.locator("#address").inner_text())
    page.goto("/wallet")
    page.locator(".card h2").wait_for()


def _first_wallet(page: Page, _town: WebTown) -> None:
    _tap(page, ".button.main", shows="#address")


def _coupons(page: Page, _town: WebTown) -> None:
    _place(page, "#history", '[data-screen="history"]')
    _place(page, "#", '[data-screen="home"]')
    _place(page, "#more", '[data-screen="more"]')


def _first_shop(page: Page, _town: WebTown) -> None:
    _tap(page, ".button.main", shows="#pairing")


def _pair(page: Page, town: WebTown) -> None:
    _tap(page, ".button.main", shows="#merchant")
    page.locator("#merchant").fill(str(town.shop))
    page.locator("#pairing").fill(town.pairing_code())
    _tap(page, "main button[type=submit]", shows="#bill")


def _till(page: Page, _town: WebTown) -> None:
    page.locator("#bill").fill("120")
    _tap(page, "main .button.main", shows=".qr")
    _place(page, "#today", '[data-screen="today"]')
    _place(page, "#device", '[data-screen="device"]')


def _office(page: Page, town: WebTown) -> None:
    page.locator("#key").fill(town.till.keys["campaign_officer"])
    _tap(page, "form.door button", shows=".card h2")
    _tap(page, ".card a.button", shows=".sentences")
    _tap(page, 'a[href="#live/1"]', shows=".chart svg")
    _place(page, "#", ".card h2")
    _tap(page, 'a[href="#new"]', shows="#p-th")
    page.locator("#p-th").fill("มื้อเย็น")


def _money(page: Page, town: WebTown) -> None:
    _tap(page, ".card a.button", shows=".sentences")
    _campaign(page, town)


def _campaign(page: Page, _town: WebTown) -> None:
    _place(page, "#near", ".rows")
    _place(page, "#receipt", "#typed")


VISITS: Final = (
    Visit(
        name="wallet, new", path="/wallet", control=".button.main", presses=_first_wallet,
        once=True,
    ),
    Visit(
        name="wallet, coupons", path="/wallet", control=".card .button", presses=_coupons,
        before=_make_wallet, works=True,
    ),
    Visit(name="shop, new", path="/shop", control=".button.main", presses=_first_shop, once=True),
    Visit(
        name="shop, till", path="/shop", control=".button.main", presses=_till,
        before=_pair, works=True,
    ),
    Visit(name="hall", path="/hall", control="form.door button", presses=_office, size=DESK),
    Visit(name="city", path="/city", control=".card a.button", presses=_money),
    Visit(name="city, a campaign", path="/city#money/1", control="a[download]", presses=_campaign),
)  # fmt: skip


class Line:
    """What went over the line of a page."""

    def __init__(self, cdp: CDPSession) -> None:
        self.addresses: dict[str, str] = {}
        self.begun: dict[str, float] = {}
        self.sizes: dict[str, int] = {}
        cdp.on("Network.requestWillBeSent", self._sent)
        cdp.on("Network.loadingFinished", self._came)
        cdp.send("Network.enable")

    def _sent(self, event: dict[str, Any]) -> None:
        self.addresses[event["requestId"]] = event["request"]["url"]
        self.begun[event["requestId"]] = float(event["timestamp"])

    def _came(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = int(event["encodedDataLength"])

    def weight(self, until_ms: float) -> tuple[int, int]:
        """Bytes beside fonts, and requests, of what was asked for until a moment of the page."""
        last = min(self.begun.values()) + until_ms / 1000
        counted = [
            self.sizes[each]
            for each, begun in self.begun.items()
            if begun <= last and self.sizes.get(each) and not self._is_font(each)
        ]
        return sum(counted), len(counted)

    def _is_font(self, request: str) -> bool:
        return self.addresses[request].endswith(".woff2")


def _cpu_ms(cdp: CDPSession) -> float:
    metrics = {
        each["name"]: each["value"] for each in cdp.send("Performance.getMetrics")["metrics"]
    }
    return float(metrics["TaskDuration"]) * 1000


def _look(page: Page, town: WebTown, visit: Visit) -> Row:
    """One visit, measured; the page is closed afterwards."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    line = Line(cdp)
    page.add_init_script(f"window.watchedControl = {json.dumps(visit.control)};")
    page.add_init_script(WATCH.read_text("utf-8"))
    page.goto(visit.path)
    while not (usable := page.evaluate("window.watched.usable")):
        page.wait_for_timeout(20)
    cpu, (weight, asked) = _cpu_ms(cdp), line.weight(page.evaluate("window.watched.drawn"))
    visit.presses(page, town)
    answers = page.evaluate("window.watched.answers")
    page.close()
    assert answers, "no press was answered"
    return {
        "bytes": weight, "asked": asked, "usable_ms": usable, "cpu_ms": cpu, "answers": answers,
    }  # fmt: skip


def _visits(browser: Browser, town: WebTown, visit: Visit) -> Iterator[tuple[str, Row]]:
    """A visit with nothing kept, and one with what it left, in a profile of their own."""
    with _profile(browser, town, visit) as context:
        if visit.before is not None:
            page = context.new_page()
            page.goto(visit.path)
            visit.before(page, town)
            _forget(page)
            page.close()
        yield "first", _look(context.new_page(), town, visit)
        if visit.once:
            return
        if visit.works:
            _wait_until_kept(context, visit)
        yield "again", _look(context.new_page(), town, visit)


@contextmanager
def _profile(browser: Browser, town: WebTown, visit: Visit) -> Iterator[BrowserContext]:
    with browser.new_context(
        base_url=town.url,
        viewport=visit.size,  # type: ignore[arg-type]
    ) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield context


def _forget(page: Page) -> None:
    """All that was kept of the pages, but not the device's key."""
    page.evaluate(
        """async () => {
          const workers = await navigator.serviceWorker.getRegistrations();
          for (const each of workers) await each.unregister();
          for (const name of await caches.keys()) await caches.delete(name);
        }"""
    )
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")


def _wait_until_kept(context: BrowserContext, visit: Visit) -> None:
    page = context.new_page()
    page.goto(visit.path)
    while not page.evaluate(KEPT):
        page.wait_for_timeout(50)
    page.close()


def measure(browser: Browser, town: WebTown, visit: Visit, times: int) -> list[Row]:
    """Both kinds of a visit, so many times."""
    found: dict[str, list[Row]] = {"first": [], "again": []}
    for _ in range(times):
        for kind, row in _visits(browser, town, visit):
            found[kind].append(row)
    return [_together(visit, kind, rows) for kind, rows in found.items() if rows]


def _together(visit: Visit, kind: str, rows: Sequence[Row]) -> Row:
    usable = [row["usable_ms"] for row in rows]
    presses = [tuple(answer) for row in rows for answer in row["answers"]]
    answers = [answer for _, answer in presses]
    return {
        "face": visit.path.partition("#")[0], "screen": visit.name, "visit": kind,
        "times": len(rows), "bytes": max(row["bytes"] for row in rows),
        "requests": max(row["asked"] for row in rows),
        "usable_ms": round(statistics.median(usable)), "usable_worst_ms": round(max(usable)),
        "cpu_ms": round(statistics.median(row["cpu_ms"] for row in rows)),
        "presses": len(answers), "answer_ms": round(statistics.median(answers)),
        "answer_worst_ms": round(max(answers)),
        "slowest_press": max(presses, key=lambda press: press[1])[0],
    }  # fmt: skip


def missed(row: Row) -> list[str]:
    """The targets that a row does not reach."""
    held = {
        f"{row['bytes']:,} bytes, not under {BYTES_MAX:,}": row["bytes"] < BYTES_MAX,
        f"usable after {row['usable_worst_ms']} ms, not {USABLE_MS_MAX}": (
            row["usable_worst_ms"] < USABLE_MS_MAX
        ),
        f"“{row['slowest_press']}” answered after {row['answer_worst_ms']} ms": (
            row["answer_worst_ms"] < ANSWER_MS_MAX
        ),
    }
    return [words for words, good in held.items() if not good]


def table(rows: Sequence[Row]) -> str:
    """The rows as people read them, and the targets below."""
    head = (
        f"{'screen':18}{'visit':>7}{'kB':>7}{'asked':>7}{'usable ms':>11}{'worst':>7}{'cpu ms':>8}"
        f"{'answer ms':>11}{'worst':>7}"
    )
    lines = [
        f"{row['screen']:18}{row['visit']:>7}{row['bytes'] / 1000:>7.1f}{row['requests']:>7}"
        f"{row['usable_ms']:>11}{row['usable_worst_ms']:>7}{row['cpu_ms']:>8}"
        f"{row['answer_ms']:>11}{row['answer_worst_ms']:>7}"
        for row in rows
    ]
    targets = (
        f"targets: under {BYTES_MAX // 1000} kB, usable in under {USABLE_MS_MAX} ms, every press "
        f"answered in under {ANSWER_MS_MAX} ms; processor {SLOWER} times slower"
    )
    return "\n".join([head, *lines, "", targets]) + "\n"


def main() -> int:
    """Measure, print, write; 1 when a target is missed."""
    times = int(os.environ.get("TIMES", TIMES))
    chosen = os.environ.get("ONLY", "/wallet,/shop,/hall,/city").split(",")
    program = shutil.which("chromium")
    assert program is not None, "make setup installs chromium"
    rows: list[Row] = []
    with (
        tempfile.TemporaryDirectory() as directory,
        WebTown(Path(directory)).open() as town,
        sync_playwright() as playwright,
    ):
        town.place_shops()
        town.pay_shop(town.shop, 12_000)
        town.settle()
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for visit in VISITS:
            if visit.path.partition("#")[0] in chosen:
                rows += measure(browser, town, visit, times)
        browser.close()
    sys.stdout.write(table(rows))
    if os.environ.get("JSON"):
        Path(os.environ["JSON"]).write_text(json.dumps(rows, indent=2) + "\n")
    faults = [f"{row['screen']}, {row['visit']}: {each}" for row in rows for each in missed(row)]
    sys.stderr.write("".join(f"{each}\n" for each in faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
