"""Browsers and a city for the tests of the pages."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.web_film import BILL_ON_FILM, write_film
from tests.e2e.web_town import WebTown

PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 45_000
"""How long a loaded machine may take for what usually takes a moment."""

OpenPhone = Callable[..., Page]


@pytest.fixture(scope="module")
def web_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebTown]:
    """One city for the tests of a file; each test brings its own people."""
    with WebTown(tmp_path_factory.mktemp("web")).open() as town:
        yield town


@pytest.fixture(scope="module")
def film(web_town: WebTown, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's camera sees: a charge of the shop, dim, tilted and blurred."""
    path = tmp_path_factory.mktemp("film") / "seen.mjpeg"
    write_film(path, web_town.charge_text(BILL_ON_FILM))
    return path


@pytest.fixture
def hold_up(film: Path, web_town: WebTown) -> Iterator[Callable[[str], None]]:
    """Hold another code before the camera: whoever opens it from now on sees that one."""
    yield lambda text: write_film(film, text)
    write_film(film, web_town.charge_text(BILL_ON_FILM))


@pytest.fixture(scope="module")
def chromium(film: Path) -> Iterator[Browser]:
    """Debian's Chromium, gone before other tests want the thread's loop."""
    program = shutil.which("chromium")
    assert program is not None, "make setup installs chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={film}",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_phone(chromium: Browser, web_town: WebTown) -> Iterator[OpenPhone]:
    """A phone of its own for each call: nothing is shared but the city."""
    contexts: list[BrowserContext] = []
    broken: list[str] = []
    own = (web_town.url, "blob:", "data:")

    def is_foreign(url: str) -> bool:
        return not url.startswith(own)

    def opened(path: str = "/wallet", *, camera: bool = False, **options: object) -> Page:
        chosen: dict[str, object] = {"viewport": PHONE, "base_url": web_town.url, **options}
        context = chromium.new_context(**chosen)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        if camera:
            context.grant_permissions(["camera"])
        contexts.append(context)
        page = context.new_page()
        # Whatever a page of the city does in any test, it asks nobody but the city.
        page.on("request", lambda it: broken.append(it.url) if is_foreign(it.url) else None)
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("console", lambda told: broken.append(told.text) if _is_breach(told.text) else None)
        page.goto(path)
        page.locator("main[data-screen]").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not broken, broken


def _is_breach(text: str) -> bool:
    return "Content Security Policy" in text or "TypeError" in text or "ReferenceError" in text


def film_of(directory: Path, text: str) -> Path:
    """A picture file of a code, as a phone would have it in its album."""
    from ledger.qr.image import png

    path = directory / "charge.png"
    path.write_bytes(png(text))
    return path
