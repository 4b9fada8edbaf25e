"""Every screen of city hall: for every eye, finger and language, on a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PATIENCE_MS, PHONE, OpenPhone
from tests.e2e.test_web_faces import fits_the_smallest_phone, looked_at, speaks_one_language
from tests.e2e.web_hall import DESK, hall_tour, pay
from tests.e2e.web_screens import screen_of, screens_of
from tests.e2e.web_town import WebTown

pytestmark = pytest.mark.timeout(300)
expect.set_options(timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("language", "size"),
    [("th", DESK), ("en", PHONE), ("en", DESK), ("th", PHONE)],
    ids=["th-desk", "en-phone", "en-desk", "th-phone"],
)
def test_every_screen_of_city_hall_can_be_used_by_everybody(
    open_phone: OpenPhone, web_town: WebTown, language: str, size: dict[str, int]
) -> None:
    pay(web_town, f"eater {language} {size['width']}", 1, 9_000, 4_500)
    web_town.do(web_town.till.settle())
    seen = set()
    for name, page in hall_tour(open_phone, web_town, language, viewport=size):
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            looked_at(f"{name}-{language}-{size['width']}-{scheme}", page)
        speaks_one_language(name, page, language)
        if size == PHONE:
            fits_the_smallest_phone(name, page)
        seen.add(screen_of(page))
    assert seen == screens_of("hall")
