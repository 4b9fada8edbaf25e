"""Resident, merchant, officer and auditor, each with nothing but the `nakhon` command.

One real city (Anvil, contracts, SQLite, sequencer, indexer, API) runs for the whole module; the
journeys build on one another, in the order of a campaign's life.
"""

import csv
import io
import json
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.qr.codec import ChargeCode, encode
from ledger.qr.image import png
from tests.e2e.running_city import (
    Person,
    RunningCity,
    csv_file,
    eventually,
    nakhon,
    nakhon_process,
    newcomer,
)
from tests.e2e.town import Town, build_town
from wallet_cli.exit_codes import ExitCode

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCity]:
    running = RunningCity(tmp_path_factory.mktemp("home"))
    running.start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def town(city: RunningCity, tmp_path_factory: pytest.TempPathFactory) -> Town:
    return build_town(city, tmp_path_factory.mktemp("people"))


def test_the_officer_sees_what_was_decided_and_what_it_costs(town: Town) -> None:
    shown = town.office("treasurer").city
    campaign = nakhon("campaign", "show", "1", "--json", environment=shown.environment).json()
    assert campaign["status"] == "open"
    assert campaign["money"]["funded"] == "2000000"
    checked = nakhon(
        "campaign", "check", str(town.file("lunch.json")), "--json", environment=shown.environment
    ).json()
    assert checked["hash"] == campaign["policy_hash"]
    read = nakhon("campaign", "explain", "1", "--lang", "th", environment=shown.environment)
    assert "50%" in read.out or "ร้อยละ" in read.out


def test_a_map_of_the_shops_is_one_command(town: Town) -> None:
    listed = nakhon("city", "merchants", "-o", "csv", environment=town.city.environment).out
    rows = list(csv.DictReader(io.StringIO(listed)))
    assert rows[0]["name_th"] == "ข้าวซอยคุณยาย"
    assert rows[0]["latitude"] == "18.795328"


def test_a_resident_pays_a_charge_from_its_picture_and_keeps_a_receipt_anybody_can_check(
    town: Town,
) -> None:
    charge, receipt = town.file("charge.png"), town.file("receipt.png")
    environment = town.city.environment
    nakhon(
        "merchant", "charge", "--merchant", "1", "--bill", "120", "--png", str(charge),
        environment=environment,
    )  # fmt: skip
    paid = town.somchai.does(
        "wallet", "pay", str(charge), "--yes", "--json", "--receipt", str(receipt)
    )
    assert "Khao Soi Khun Yai" in paid.err
    redemption = paid.json()
    assert (redemption["amount"], redemption["cash"]) == ("6000", "6000")
    assert redemption["status"] == "accepted"
    checked = nakhon("wallet", "receipt", str(receipt), "--json", environment=environment).json()
    assert checked["genuine"] and checked["amount"] == "6000"
    record = town.city.told["deployment"]
    alone = {**environment, "NAKHON_API_URL": "http://127.0.0.1:1"}
    nakhon_process("wallet", "receipt", str(receipt), "--deployment", record, environment=alone)


def test_a_shop_scans_a_residents_screen_and_takes_the_bill(town: Town) -> None:
    screen = town.file("screen.png")
    town.malee.does("wallet", "show", "--bill", "200", "--png", str(screen))
    taken = town.shop.reads("merchant", "scan", str(screen), "--merchant", "1", "--bill", "150.50")
    assert (taken["amount"], taken["unnamed"]) == ("7525", True)
    again = town.shop.does(
        "merchant", "scan", str(screen), "--merchant", "1", "--bill", "150.50",
        wanted=ExitCode.REFUSED,
    )  # fmt: skip
    assert "(already_spent)" in again.err


def test_the_shop_knows_its_takings_and_the_resident_the_history(town: Town) -> None:
    takings = town.shop.reads("merchant", "takings", "--merchant", "1")
    assert (takings["amount"], takings["due_on"]) == ("13525", "2025-10-30")
    assert len(takings["items"]) == 2
    history = town.somchai.reads("wallet", "history")
    assert [each["amount"] for each in history] == ["6000"]
    eventually(
        lambda: town.somchai.reads("wallet", "history")[0]["status"] in ("included", "final")
    )


def test_a_partial_void_gives_back_exactly_that_much(town: Town) -> None:
    (redemption,) = town.somchai.reads("wallet", "history")
    before = int(town.somchai.reads("wallet", "coupons")[0]["left"])
    town.shop.does(
        "merchant", "void", redemption["id"], "--merchant", "1", "--amount", "20", "--yes"
    )
    eventually(lambda: town.somchai.reads("wallet", "history")[0]["voided"] == "2000")
    assert int(town.somchai.reads("wallet", "coupons")[0]["left"]) == before + 2_000


def test_a_forged_shop_and_another_citys_code_are_refused_before_signing(town: Town) -> None:
    environment = town.city.environment
    shown = nakhon("city", "show", "--json", environment=environment).json()
    forged = town.file("forged.png")
    code = ChargeCode(merchant=99, bill=5_000, reference=b"\0" * 8)
    forged.write_bytes(png(encode(code, shown["origin"], bytes.fromhex(shown["tag"]))))
    unknown = town.somchai.does("wallet", "pay", str(forged), "--yes", wanted=ExitCode.NOT_FOUND)
    assert "(unknown_merchant)" in unknown.err
    forged.write_bytes(png(encode(code, shown["origin"], b"\1\2\3\4")))
    foreign = town.somchai.does("wallet", "pay", str(forged), "--yes", wanted=ExitCode.USAGE)
    assert "(qr_other_city)" in foreign.err
    assert len(town.somchai.reads("wallet", "history")) == 1


def test_a_temple_is_not_registered_as_a_restaurant(town: Town) -> None:
    refused = town.office("registrar").does(
        "merchant", "register", "--payout", town.malee.address, "--district", "7",
        "--name-th", "วัดพระธาตุแสงจันทร์", "--name-en", "Wat Phra That Saeng Chan",
        wanted=None,
    )  # fmt: skip
    assert refused.code in (ExitCode.USAGE, ExitCode.REFUSED, ExitCode.CONFLICT)
    assert "วัด" in refused.err


def test_every_bad_line_of_a_list_is_named_and_nothing_is_taken(town: Town) -> None:
    bad = csv_file(town.file("list.csv"), ("pass",), (1,), ("x",), (1,), (0,))
    refused = town.office("campaign_officer").does(
        "campaign", "list", str(bad), wanted=ExitCode.USAGE
    )
    assert all(f"line {line}:" in refused.err for line in (3, 4, 5))
    good = csv_file(town.file("list.csv"), ("pass",), ("๑",), (2,))
    stored = town.office("campaign_officer").reads("campaign", "list", str(good))
    assert stored["count"] == 2


def test_an_officer_can_do_the_own_part_alone(town: Town) -> None:
    for office, arguments in (
        ("registrar", ("campaign", "approve", "1", "--yes")),
        ("campaign_officer", ("campaign", "issue", "1", "--yes")),
        ("guardian", ("pass", "suspend", "1", "--reason", "a reason long enough")),
    ):
        refused = town.office(office).does(*arguments, wanted=ExitCode.NOT_ALLOWED)
        assert "(role_missing)" in refused.err
    stranger = Person(city=town.city, options=("--key-file", str(town.file("none.key"))))
    town.file("none.key").write_text("nk_nobody\n")
    refused = stranger.does("campaign", "pause", "1", wanted=ExitCode.NOT_ALLOWED)
    assert "(key_unknown)" in refused.err


def test_what_is_already_done_conflicts(town: Town) -> None:
    again = town.office("approver").does("campaign", "approve", "1", "--yes", wanted=None)
    assert again.code == ExitCode.CONFLICT
    missing = town.office("approver").does("campaign", "approve", "9", "--yes", wanted=None)
    assert missing.code == ExitCode.NOT_FOUND


def test_a_paused_campaign_refuses_and_a_resumed_one_pays(town: Town) -> None:
    environment = town.city.environment
    charge = town.file("lunch.png")
    nakhon(
        "merchant", "charge", "--merchant", "1", "--bill", "40", "--png", str(charge),
        environment=environment,
    )  # fmt: skip
    town.office("guardian").does("campaign", "pause", "1")
    eventually(lambda: town.malee.reads("wallet", "coupons")[0]["refusal"] is not None)
    refused = town.malee.does("wallet", "pay", str(charge), "--yes", wanted=ExitCode.REFUSED)
    assert "(campaign_paused)" in refused.err
    town.office("approver").does("campaign", "resume", "1")
    eventually(lambda: town.malee.reads("wallet", "coupons")[0]["refusal"] is None)
    assert town.malee.reads("wallet", "pay", str(charge), "--yes")["amount"] == "2000"


def test_a_lost_phone_loses_nothing(town: Town) -> None:
    left = town.somchai.reads("wallet", "coupons")[0]["left"]
    phone = newcomer(town.city, town.directory, "new-phone")
    why = "แจ้งโทรศัพท์หายที่เทศบาล"
    town.office("registrar").does("pass", "rebind", "1", phone.address, "--reason", why, "--yes")
    eventually(lambda: phone.does("wallet", "coupons", wanted=None).code == 0)
    assert phone.reads("wallet", "coupons")[0]["left"] == left
    assert town.somchai.does("wallet", "coupons", wanted=None).code == ExitCode.NOT_FOUND
    shown = town.office("registrar").reads("pass", "show", "1")
    assert shown["holder"] == phone.address
    (move,) = shown["moves"]
    assert (move["reason"], move["by"]) == (why, "registrar")
    assert [each["reason"] for each in phone.reads("wallet", "moves")] == [why]


def test_a_printed_stand_asks_for_the_bill(town: Town) -> None:
    stand = town.file("stand.png")
    nakhon(
        "merchant", "charge", "--merchant", "1", "--emvco", "--png", str(stand),
        environment=town.city.environment,
    )  # fmt: skip
    refused = town.malee.does("wallet", "pay", str(stand), "--yes", wanted=ExitCode.USAGE)
    assert "(bill_needed)" in refused.err
    paid = town.malee.reads("wallet", "pay", str(stand), "--bill", "30", "--yes")
    assert paid["amount"] == "1500"


def test_a_second_wallet_spending_too_much_is_told_the_rule(town: Town) -> None:
    charge = town.file("feast.png")
    nakhon(
        "merchant", "charge", "--merchant", "1", "--bill", "10000", "--png", str(charge),
        environment=town.city.environment,
    )  # fmt: skip
    first = town.malee.reads("wallet", "pay", str(charge), "--yes")
    assert int(first["amount"]) == 20_000 - 7_525 - 2_000 - 1_500
    refused = town.malee.does("wallet", "pay", str(charge), "--yes", wanted=ExitCode.REFUSED)
    assert "(day_quota_used)" in refused.err


def test_the_auditor_rebuilds_it_all_from_the_chain_alone(town: Town) -> None:
    chain = {
        **RunningCity.bare_environment(),
        "NAKHON_RPC_URL": town.city.told["rpc"],
        "NAKHON_DEPLOYMENT": town.city.told["deployment"],
        "NAKHON_API_URL": "http://127.0.0.1:1",
    }
    eventually(
        lambda: all(
            each["status"] in ("included", "final", "voided")
            for each in town.malee.reads("wallet", "history")
        )
    )
    verified = nakhon_process("audit", "verify", "--json", environment=chain).json()
    assert verified["agrees"] and verified["findings"] == []
    assert (verified["redemptions"], verified["voids"], verified["refusals"]) == (5, 1, 0)
    (campaign,) = nakhon("audit", "state", "--json", environment=chain).json()
    assert campaign["spent"] == str(6_000 - 2_000 + 20_000)
    (shop,) = nakhon("audit", "state", "merchants", "--json", environment=chain).json()
    assert shop["amount"] == campaign["spent"]
    story = nakhon("audit", "trace", "pass", "1", "--json", environment=chain).json()
    assert len(story) >= 4
    assert nakhon("audit", "trace", "pass", "77", environment=chain, wanted=4).code == 4
    index = f"sqlite:///{town.city.home / 'nakhon.sqlite3'}"
    compared = nakhon_process("audit", "diff", "--index", index, "--json", environment=chain)
    assert compared.json() == []


def test_an_index_somebody_edited_is_named_row_and_column(town: Town) -> None:
    edited = town.file("edited.sqlite3")
    with closing(sqlite3.connect(town.city.home / "nakhon.sqlite3")) as source:
        source.execute("VACUUM INTO ?", (str(edited),))
    with closing(sqlite3.connect(edited)) as database, database:
        database.execute("UPDATE merchant_facts SET district = district + 1")
    found = nakhon(
        "audit", "diff", "--index", f"sqlite:///{edited}", "--json",
        environment=town.city.environment, wanted=ExitCode.DIFFERS,
    )  # fmt: skip
    (difference,) = json.loads(found.out)
    assert (difference["kind"], difference["column"]) == ("differs", "district")
    assert (difference["chain"], difference["index"]) == ("7", "8")
    missing = nakhon(
        "audit", "diff", "--index", f"sqlite:///{town.file('none.sqlite3')}",
        environment=town.city.environment, wanted=ExitCode.NOT_FOUND,
    )  # fmt: skip
    assert "(index_missing)" in missing.err
    assert not town.file("none.sqlite3").exists()


def test_a_watched_coupon_is_renewed_until_somebody_stops_it(town: Town) -> None:
    phone = ("-k", str(town.file("new-phone.json")), "--password-file", str(town.file("password")))
    command = [sys.executable, "-m", "wallet_cli.main", "wallet", "show", "--bill", "20", *phone]
    with subprocess.Popen(
        [*command, "--watch", "-o", "ndjson"],
        env=town.city.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        first, second = (json.loads(watching.stdout.readline()) for _ in range(2))
        watching.send_signal(signal.SIGINT)
        assert watching.wait(60) == ExitCode.INTERRUPTED
    assert second["signed_at"] - first["signed_at"] == 15
    assert second["text"] != first["text"]


def test_an_auditor_with_the_wrong_record_or_node_is_told(town: Town) -> None:
    environment = {**RunningCity.bare_environment(), "NAKHON_RPC_URL": town.city.told["rpc"]}
    record = json.loads(Path(town.city.told["deployment"]).read_text("utf-8"))
    record["contracts"]["CouponBook"]["code_hash"] = "0x" + "11" * 32
    altered = town.file("altered.json")
    altered.write_text(json.dumps(record))
    for deployment, rpc, wanted in (
        (altered, town.city.told["rpc"], ExitCode.CHAIN),
        (town.file("nowhere.json"), town.city.told["rpc"], ExitCode.CHAIN),
        (Path(town.city.told["deployment"]), "http://127.0.0.1:1", ExitCode.UNREACHABLE),
    ):
        nakhon(
            "audit", "verify", "--rpc", rpc, "--deployment", str(deployment),
            environment=environment, wanted=wanted,
        )  # fmt: skip


def test_a_busy_port_is_told_with_what_to_do(city: RunningCity, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = nakhon_process(
            "up", "--home", str(tmp_path), "--port", port,
            environment=city.bare_environment(), wanted=ExitCode.MACHINE,
        )  # fmt: skip
    assert "(port_busy)" in refused.err and port in refused.err


def test_a_second_city_in_the_same_home_is_refused(city: RunningCity) -> None:
    refused = nakhon_process(
        "up", "--home", str(city.home), "--port", "0",
        environment=city.bare_environment(), wanted=ExitCode.CONFLICT,
    )  # fmt: skip
    assert "(wrong_state)" in refused.err


def test_a_city_that_was_killed_goes_on_where_it_was(town: Town) -> None:
    before = town.malee.reads("wallet", "history")
    town.city.kill()
    town.city.start()
    eventually(lambda: town.malee.does("wallet", "history", wanted=None).code == 0)
    assert [each["id"] for each in town.malee.reads("wallet", "history")] == [
        each["id"] for each in before
    ]
    town.office("guardian").does("campaign", "pause", "1")
    index = f"sqlite:///{town.city.home / 'nakhon.sqlite3'}"
    nakhon("audit", "verify", environment=town.city.environment)
    nakhon("audit", "diff", "--index", index, environment=town.city.environment)
