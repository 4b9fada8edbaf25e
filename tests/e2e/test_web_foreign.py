"""Another site, in the same browser as an officer, a shop and a resident: it can do nothing."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PATIENCE_MS, OpenPhone
from tests.e2e.web_hall import officer, show
from tests.e2e.web_town import WebTown

pytestmark = pytest.mark.timeout(180)
expect.set_options(timeout=PATIENCE_MS)

ATTACK = """async (city) => {
  const told = [];
  const paths = ['/v1/campaigns/1/pause', '/v1/passes', '/v1/redemptions', '/v1/rounds'];
  for (const path of paths) {
    for (const type of ['application/json', 'text/plain']) {
      const asked = { method: 'POST', credentials: 'include', headers: { 'content-type': type }, body: '{}' };
      told.push(await fetch(city + path, asked).then((it) => `read ${it.status}`, () => 'not read'));
      // Without asking leave: sent, and its answer hidden.
      await fetch(city + path, { ...asked, mode: 'no-cors' }).catch(() => null);
    }
  }
  for (const path of ['/hall', '/v1/office', '/v1/me/coupons', '/v1/campaigns']) {
    told.push(await fetch(city + path, { credentials: 'include' }).then((it) => `read ${it.status}`, () => 'not read'));
  }
  return told;
}"""  # noqa: E501
FRAME = """(city) => new Promise((done) => {
  const frame = document.createElement('iframe');
  frame.onload = () => {
    let inside = 'hidden';
    try { inside = frame.contentDocument.body.textContent; } catch { inside = 'refused'; }
    done([inside, frame.contentWindow.length]);
  };
  frame.src = city + '/hall';
  document.body.append(frame);
})"""


class _Foreign(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<!doctype html><title>foreign</title><body>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the library's name
        """Say nothing."""


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    """Another origin that serves an empty page."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Foreign) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        # Another site, not only another port: cookies do not ask for ports.
        yield f"http://localhost:{server.server_address[1]}/"
        server.shutdown()
        serving.join()


def beside(page: Page, address: str) -> Page:
    """Another page in the same browser profile."""
    other = page.context.new_page()
    other.goto(address)
    return other


def acts(town: WebTown) -> list[int]:
    """The numbers of the latest acts of the staff, as the log has them."""
    till = town.till
    answer = town.do(till.client.get("/v1/staff-acts?limit=5", headers=till.named("auditor")))
    return [each["number"] for each in answer.json()["items"]]


def test_a_foreign_page_can_neither_act_nor_read_nor_frame(
    open_phone: OpenPhone, web_town: WebTown, foreign: str
) -> None:
    page = officer(open_phone, web_town, "guardian")
    page.context.add_cookies([{"name": "letters", "value": "large", "url": web_town.url}])
    attacker = beside(page, foreign)
    sent: list[str] = []
    attacker.on("request", lambda it: sent.append(it.method))
    before = acts(web_town)
    assert before
    told = attacker.evaluate(ATTACK, web_town.url)
    assert set(told) == {"not read"}
    # What did arrive was a stranger's: no key, no signature, no body that would do.
    assert sent.count("POST") >= 8
    assert acts(web_town) == before
    # The picture of city hall in a frame: the browser shows its own page of refusal.
    assert attacker.evaluate(FRAME, web_town.url)[0] == "refused"
    assert not any("/hall" in frame.url for frame in attacker.frames)
    show(page, "campaign/1", ".sentences")
    expect(page.locator(".badge")).to_have_text("เปิดใช้อยู่")


def test_no_name_is_kept_that_is_no_line_of_text(web_town: WebTown) -> None:
    till = web_town.till
    shop = {
        "payout": "0x" + "5a" * 20,
        "kind": "restaurant",
        "category": "restaurant",
        "district": 1,
    }
    for name in ("ร้าน\u202eevil\u202c", "x" * 10_000, "ร้าน\u0000", "\u200bร้าน\u2066"):
        body = {**shop, "name_th": name, "name_en": name}
        answer = web_town.do(till.post("/v1/merchants", body, role="registrar"))
        assert answer.status_code == 422, name
