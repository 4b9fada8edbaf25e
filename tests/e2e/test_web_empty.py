"""A city before its first campaign: each face says what is not there yet, and what comes next."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE_MS, OpenPhone
from tests.e2e.test_web_faces import looked_at
from tests.e2e.web_hall import officer, show
from tests.e2e.web_tour import visit
from tests.e2e.web_town import WebTown

pytestmark = pytest.mark.timeout(240)
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def web_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebTown]:
    """A city with officers and nothing else. It stands in the place of the usual one."""
    with WebTown(tmp_path_factory.mktemp("empty"), None).open() as town:
        yield town


def empty_tour(open_phone: OpenPhone, town: WebTown, language: str) -> Iterator[tuple[str, Page]]:
    """Each screen that would show a list, by name, while it has nothing to show."""
    page = open_phone(f"/city?lang={language}")
    expect(page.locator("main .notice")).to_have_count(1)
    yield "public-money", page
    show(page, "near", "main .notice")
    expect(page.locator("main .notice")).to_have_count(1)
    yield "public-near", page
    page = officer(open_phone, town, "campaign_officer", language=language)
    expect(page.locator("main .notice")).to_be_visible()
    yield "hall-campaigns", page
    page = officer(open_phone, town, "treasurer", language=language)
    show(page, "rounds", "#minimum")
    expect(page.locator("main .notice")).to_be_visible()
    yield "hall-rounds", page
    page = open_phone(f"/wallet?lang={language}")
    page.locator("main .button.main").click()
    town.enrol(page.locator("#address").inner_text())
    page.locator("main button.main").click()
    expect(page.locator("#address")).to_have_count(0)
    expect(page.locator("main .notice")).to_be_visible()
    yield "wallet-coupons", page
    visit(page, "history", "main .notice")
    yield "wallet-history", page
    visit(page, "where", "main .notice")
    yield "wallet-where", page


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_city_that_has_not_begun_says_so_on_every_face(
    open_phone: OpenPhone, web_town: WebTown, language: str
) -> None:
    for name, page in empty_tour(open_phone, web_town, language):
        looked_at(f"empty-{name}-{language}", page)
        # Nothing to see is no error, and never the end of the way.
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page.locator("nav.places a").first).to_be_visible()
