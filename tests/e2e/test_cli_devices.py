"""Owner, cashier, ambassador and registrar, each with nothing but the `nakhon` command."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.chain.signer import keyfile_of, read_keyfile
from tests.e2e.running_city import PASSWORD, Person, RunningCity, eventually, newcomer
from tests.e2e.town import POLICY, Town, build_town
from tests.integration.webhook_consumer import open_consumer
from wallet_cli.exit_codes import ExitCode

pytestmark = pytest.mark.timeout(300)

CASHIER = "น้องฝนผู้รับเงิน"
PAIR = (
    "merchant", "pair", "--merchant", "1", "--branch", "หน้าร้าน", "--cashier", CASHIER,
    "--bill-max", "60", "--day-max", "100",
)  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    city = RunningCity(tmp_path_factory.mktemp("home"))
    city.start()
    yield build_town(city, tmp_path_factory.mktemp("people"))
    assert city.stop() == 0


def cashier(town: Town, name: str) -> Person:
    """Somebody whose keyfile `merchant claim` is to make."""
    options = ("--keyfile", str(town.file(name)), "--password-file", str(town.file("password")))
    return Person(city=town.city, options=options)


def lighten(keyfile: Path) -> None:
    """The same key under a cheaper scrypt: the real one costs a second a command."""
    keyfile.write_bytes(keyfile_of(read_keyfile(keyfile, PASSWORD), PASSWORD, iterations=2**10))


def shown(town: Town, who: Person, name: str) -> str:
    """The picture of a resident's screen."""
    screen = town.file(name)
    who.does("wallet", "show", "--bill", "200", "--png", str(screen))
    return str(screen)


def scan(town: Town, who: Person, screen: str, bill: str, wanted: int = 0) -> Any:
    words = ("merchant", "scan", screen, "--merchant", "1", "--bill", bill)
    return who.does(*words, wanted=wanted) if wanted else who.reads(*words)


def test_a_cashier_is_paired_scans_asks_and_is_withdrawn(town: Town) -> None:
    till, keyfile = cashier(town, "till.json"), town.file("till.json")
    wrong = till.does("merchant", "claim", "2222-2222", "-m", "1", wanted=ExitCode.NOT_FOUND)
    assert "(pairing_code_unknown)" in wrong.err
    assert not keyfile.exists()
    slip = till.does("merchant", "claim", "123", "-m", "1", wanted=ExitCode.USAGE)
    assert "(input_invalid)" in slip.err

    code = town.shop.reads(*PAIR)["code"]
    paired = till.reads("merchant", "claim", code.lower(), "-m", "1")
    assert (paired["branch"], paired["bill_max"], paired["day_max"]) == ("หน้าร้าน", "6000", "10000")
    lighten(keyfile)
    used = cashier(town, "second.json").does(
        "merchant", "claim", code, "-m", "1", wanted=ExitCode.CONFLICT
    )
    assert "(pairing_code_over)" in used.err

    screen = shown(town, town.malee, "screen.png")
    over = scan(town, till, screen, "120.02", wanted=ExitCode.NOT_ALLOWED)
    assert "(device_bill_limit_exceeded)" in over.err
    taken = scan(town, till, screen, "120")
    assert taken["amount"] == "6000"
    day = till.reads("merchant", "today")
    assert (day["amount"], day["device_left"]) == ("6000", "4000")

    till.does("merchant", "ask-void", taken["id"], "--reason", "พิมพ์ยอดผิด ลูกค้ายังอยู่")
    (asked,) = town.shop.reads("merchant", "asked", "-m", "1")
    assert (asked["state"], asked["redemption"], asked["amount"]) == ("asked", taken["id"], "6000")
    assert town.malee.reads("wallet", "history")[0]["voided"] == "0"
    town.shop.does("merchant", "void", taken["id"], "-m", "1", "--yes")
    eventually(lambda: town.malee.reads("wallet", "history")[0]["voided"] == "6000")
    assert town.shop.reads("merchant", "asked", "-m", "1")[0]["state"] == "granted"

    (device,) = town.shop.reads("merchant", "devices", "-m", "1")
    assert (device["cashier"], device["state"]) == (CASHIER, "paired")
    town.shop.does("merchant", "revoke", device["device"], "-m", "1", "--yes")
    gone = till.does("merchant", "today", wanted=ExitCode.NOT_ALLOWED)
    assert "(device_revoked)" in gone.err


def test_a_cashiers_name_is_told_to_the_owner_and_stands_in_one_column(town: Town) -> None:
    with closing(sqlite3.connect(town.city.home / "nakhon.sqlite3")) as connection:
        connection.text_factory = bytes
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = [name.decode() for (name,) in connection.execute(named)]
        holding = {name for name in tables if cells_with_the_name(connection, name)}
    assert holding == {"devices"}
    files = [path for path in town.city.home.rglob("*") if path.is_file()]
    others = [path for path in files if ".sqlite3" not in path.name]
    assert others
    assert not any(CASHIER.encode() in path.read_bytes() for path in others)


def cells_with_the_name(connection: sqlite3.Connection, table: str) -> list[bytes]:
    """What a table holds of the cashier, spelled out or as JSON spells it."""
    spellings = (CASHIER.encode(), json.dumps(CASHIER).strip('"').encode())
    return [
        cell
        for row in connection.execute(f'SELECT * FROM "{table}"')
        for cell in row
        if isinstance(cell, bytes) and any(spelled in cell for spelled in spellings)
    ]


def test_a_shops_system_is_let_hear_checks_what_it_hears_and_hears_it_again(town: Town) -> None:
    with open_consumer(town.file("heard.ndjson")) as consumer:
        made = town.shop.reads("merchant", "webhook", "add", consumer.url())
        name, secret = made["webhook"], town.file("secret")
        secret.write_text(made["secret"] + "\n", "utf-8")
        citys = town.office("treasurer").reads(
            "merchant", "webhook", "add", "--city", consumer.url()
        )
        assert (made["stream"], citys["stream"]) == ("merchant 1", "city")
        taken = scan(town, town.shop, shown(town, town.somchai, "heard.png"), "60")
        eventually(lambda: {one.told["stream"] for one in consumer.heard} == {"merchant 1", "city"})

        first = next(one for one in consumer.heard if one.told["stream"] == "merchant 1")
        assert first.told["data"]["redemption"] == taken["id"]
        body = town.file("body.json")
        body.write_bytes(first.body)
        words = ("merchant", "webhook", "verify", str(body), "--secret-file", str(secret))
        words += tuple(
            word
            for option in ("id", "timestamp", "signature")
            for word in (f"--{option}", first.headers[f"webhook-{option}"])
        )
        alone = Person(city=town.city, options=())
        assert alone.reads(*words) == {"id": first.id, "verified": True}
        body.write_bytes(first.body.replace(b'"3000"', b'"9000"'))
        forged = alone.does(*words, wanted=ExitCode.NOT_ALLOWED)
        assert "(signature_invalid)" in forged.err

        again = ("merchant", "webhook", "replay", name, "--after", "0")
        town.shop.does(*again)
        eventually(lambda: [one.id for one in consumer.heard].count(first.id) == 2)
        fetched = town.shop.reads("merchant", "webhook", "events", name)
        assert fetched[0]["id"] == first.id
        assert town.shop.reads("merchant", "webhook", "rotate", name)["secret"] != made["secret"]
        (listed,) = town.shop.reads("merchant", "webhook", "list")
        assert (listed["webhook"], listed["status"]) == (name, "active")
        town.shop.does("merchant", "webhook", "remove", name, "--yes")
        assert town.shop.reads("merchant", "webhook", "list") == []
        gone = town.shop.does("merchant", "webhook", "enable", name, wanted=ExitCode.NOT_FOUND)
        assert "(unknown_webhook)" in gone.err


def test_an_ambassador_helps_with_a_lost_phone_and_is_listed(town: Town) -> None:
    new_phone = newcomer(town.city, town.directory, "new_phone")
    ambassador = town.office("ambassador")
    why = "โทรศัพท์ตกน้ำ ตรวจบัตรประชาชนแล้ว"
    words = ("city", "assist", "1", new_phone.address, "--reason", why, "--yes")
    assert ambassador.reads(*words)["status"] in {"included", "final"}
    assert new_phone.reads("wallet", "coupons")
    (act,) = town.office("registrar").reads("city", "assisted")
    assert (act["ambassador"], act["pass"], act["reason"]) == ("ambassador", 1, why)
    csv = town.office("admin").does("city", "assisted", "-o", "csv").out
    assert csv.splitlines()[0].startswith("number,acted_at,ambassador,kind,pass")
    refused = ambassador.does("city", "assisted", wanted=ExitCode.NOT_ALLOWED)
    assert "(role_missing)" in refused.err


def test_a_till_tells_where_it_stands_and_has_the_customer_agree_to_what_is_forbidden(
    town: Town,
) -> None:
    policy = town.file("near.json")
    till = {
        "goods_notice": {"th": "ห้ามซื้อเหล้าและบุหรี่", "en": "No alcohol or tobacco"},
        "distance": {
            "metres_max": 300, "position_age_seconds_max": 120, "accuracy_metres_max": 100,
        },
    }  # fmt: skip
    policy.write_text(json.dumps({**POLICY, "till": till}, ensure_ascii=False), "utf-8")
    town.office("campaign_officer").does("campaign", "draft", str(policy))
    town.office("approver").does("campaign", "approve", "2", "--yes")
    town.office("treasurer").does("campaign", "fund", "2", "1000")
    town.office("issuer").does("campaign", "issue", "2", "--yes")
    eventually(lambda: "2" in town.malee.does("wallet", "show", "--bill", "200", "-c", "2",
                                              wanted=None).out)  # fmt: skip
    screen = str(town.file("near.png"))
    town.malee.does("wallet", "show", "--bill", "200", "-c", "2", "--png", screen)

    words = ("merchant", "scan", screen, "--merchant", "1", "--bill", "60")
    silent = town.shop.does(*words, wanted=ExitCode.USAGE)
    assert "ห้ามซื้อเหล้าและบุหรี่" in silent.err
    assert "(confirmation_needed)" in silent.err
    nowhere = town.shop.does(*words, "--yes", wanted=ExitCode.REFUSED)
    assert "(place_unknown)" in nowhere.err
    far = town.shop.does(*words, "--yes", "--position", "18.9,98.98", wanted=ExitCode.REFUSED)
    assert "(too_far)" in far.err
    taken = town.shop.reads(*words, "--yes", "--position", "18.7953,98.9831")
    assert (taken["amount"], taken["campaign"]) == ("3000", 2)
