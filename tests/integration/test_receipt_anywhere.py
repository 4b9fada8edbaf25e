"""The verifier in a browser, and both programs before a node that hides what the chain says."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from ledger.audit.receipt_check import check_receipt, read_receipt_file
from ledger.chain.decoding import BY_SIGNATURE
from ledger.domain.hashing import keccak
from ledger.errors import NodeLied
from tests.integration.lying_node import about_logs, lying_gateway
from tests.integration.test_receipt_verdicts import (
    VERIFIER,
    addresses,
    anchor_all,
    by_javascript,
    ended,
    spend,
    with_path,
)
from tests.integration.till import Till

TOPICS = {
    spelled.partition("(")[0]: "0x" + keccak(spelled.encode()).hex() for spelled in BY_SIGNATURE
}
IN_A_PAGE = """
async ([source, text, rpc, book, anchors]) => {
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const { nodeAt, verifyReceipt } = await import(address);
  return verifyReceipt({ text, ask: nodeAt(rpc), book, anchors });
}
"""


async def test_the_one_file_runs_in_a_browser_against_nothing_but_a_node(till: Till) -> None:
    receipt = await spend(till, "somchai")
    await ended(till)
    await anchor_all(till)
    bundle = await with_path(till, receipt)
    given = [VERIFIER.read_text("utf-8"), "", till.gateway.url, *addresses(till)]
    program = shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = await browser.new_page()
        for text, expected in (
            (json.dumps(bundle), "proven"),
            (receipt["qr"], "proven"),
            (json.dumps(receipt | {"amount": "1"}), "altered"),
        ):
            found = await page.evaluate(IN_A_PAGE, [given[0], text, *given[2:]])
            assert found["verdict"] == expected
        await browser.close()


@pytest.mark.parametrize("event", ["Redeemed", "DayAnchored", "RoleGranted"])
async def test_a_node_that_hides_logs_never_makes_an_honest_city_guilty(
    till: Till, event: str
) -> None:
    receipt = await spend(till, "somchai")
    await ended(till)
    await anchor_all(till)
    texts = {"alone": receipt["qr"]}
    if event == "Redeemed":
        texts["with its path"] = json.dumps(await with_path(till, receipt))
    found = await by_javascript(till, texts, hidden=TOPICS[event])
    expected = {
        "Redeemed": "anchor_differs", "DayAnchored": "not_anchored", "RoleGranted": "altered",
    }  # fmt: skip
    assert found["alone"]["verdict"] == expected[event]
    if event == "Redeemed":
        # With its path a receipt needs none of the logs that were hidden.
        assert found["with its path"]["verdict"] == "proven"
    lie = about_logs(lambda logs: [one for one in logs if one["topics"][0] != TOPICS[event]])
    async with lying_gateway(till.gateway.url, lie) as gateway:
        with pytest.raises(NodeLied):
            await check_receipt(gateway, till.runtime.deployment, read_receipt_file(receipt["qr"]))


def test_the_verifier_is_served_to_whoever_wants_it() -> None:
    from api.assets import load_assets

    assert Path(VERIFIER).read_bytes() == load_assets().files["verify_receipt.js"].body
