"""Rules that need more than a tap: what may not be bought, and being at the shop."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PATIENCE_MS, OpenPhone
from tests.e2e.web_town import LUNCH, WebTown
from tests.integration.till import key_of

pytestmark = pytest.mark.timeout(180)
expect.set_options(timeout=PATIENCE_MS)

NOTICE = "ห้ามซื้อเหล้า บุหรี่ และสลากกินแบ่ง"
POLICY = {
    **LUNCH,
    "till": {
        "goods_notice": {"th": NOTICE, "en": "No alcohol, tobacco or lottery tickets"},
        "distance": {
            "metres_max": 300,
            "position_age_seconds_max": 120,
            "accuracy_metres_max": 100,
            "stand_uses_per_day_max": 0,
        },
    },
}
HERE = {"latitude": 18.7953284, "longitude": 98.9831449, "accuracy": 20}
FAR = {"latitude": 18.8953284, "longitude": 98.9831449, "accuracy": 20}


@pytest.fixture(scope="module")
def web_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebTown]:
    """A city whose campaign wants the customer at the shop, and the notice read."""
    with WebTown(tmp_path_factory.mktemp("rules"), POLICY).open() as town:
        place = {"latitude": "18.7953284", "longitude": "98.9831449"}
        town.shop = town.register(key_of("a shop with a place").address, "ร้านริมทาง", **place)
        yield town


def test_a_notice_is_agreed_to_and_the_place_is_asked_for(
    open_phone: OpenPhone, web_town: WebTown
) -> None:
    page = open_phone("/wallet", geolocation=FAR, permissions=["geolocation"])
    page.get_by_role("button", name="สร้างกระเป๋า").click()
    web_town.enrol(page.locator("#address").inner_text())
    page.get_by_role("button", name="ขึ้นทะเบียนแล้ว").click()
    expect(page.locator(".card h2")).to_be_visible()
    expect(page.locator(".card.closed")).to_have_count(0)
    charge = "#pay/" + web_town.charge_text(9_000).rsplit("/", 1)[1]
    page.goto("/wallet" + charge)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#confirm")).to_have_count(0)

    page.context.set_geolocation(HERE)  # type: ignore[arg-type]
    page.reload()
    expect(page.get_by_text(NOTICE)).to_be_visible()
    expect(page.locator("#confirm")).to_be_disabled()
    page.locator("#agreed").check()
    page.locator("#confirm").click()
    expect(page.locator(".slip")).to_contain_text("45 ฿")
