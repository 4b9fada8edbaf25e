"""The treasury with nothing but the `nakhon` command: round, approval, bank and statement."""

import hashlib
from collections.abc import Iterator

import httpx
import pytest

from tests.bank_simulator import Bank
from tests.e2e.running_city import Person, RunningCity, eventually, nakhon
from tests.e2e.town import Town, build_town
from wallet_cli.exit_codes import ExitCode

pytestmark = pytest.mark.timeout(300)

DAY = 86_400
BLOCKS = "0x10"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    city = RunningCity(tmp_path_factory.mktemp("home"))
    city.start()
    yield build_town(city, tmp_path_factory.mktemp("people"))
    assert city.stop() == 0


def rpc(town: Town, method: str, *params: object) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    answer = httpx.post(town.city.environment["NAKHON_RPC_URL"], json=body, timeout=30).json()
    assert "error" not in answer, answer


def made(treasurer: Person) -> dict[str, str]:
    """The day's round, once the redemption is final and the index has the new day."""
    rounds: list[dict[str, str]] = []

    def tried() -> bool:
        ended = treasurer.does("settle", "make", "--json", wanted=None)
        if ended.code == ExitCode.OK:
            rounds.append(ended.json())
        return bool(rounds)

    eventually(tried)
    return rounds[0]


def test_a_shop_is_paid_by_two_officers_and_a_bank(town: Town) -> None:
    treasurer, approver = town.office("treasurer"), town.office("approver")
    town.office("registrar").does(
        "settle", "bank", "006", "123-4-56789-0", "ข้าวซอยคุณยาย", "--merchant", "1"
    )
    treasurer.does("settle", "bank", "004", "9876543210", "เทศบาลเมืองแม่เหียะ")
    charge = town.file("charge.png")
    nakhon(
        "merchant", "charge", "--merchant", "1", "--bill", "120", "--png", str(charge),
        environment=town.city.environment,
    )  # fmt: skip
    town.somchai.does("wallet", "pay", str(charge), "--yes")
    eventually(
        lambda: town.somchai.reads("wallet", "history")[0]["status"] in ("included", "final")
    )
    early = treasurer.does("settle", "make", wanted=ExitCode.USAGE)
    assert "nothing is due" in early.err
    rpc(town, "evm_increaseTime", DAY)
    rpc(town, "anvil_mine", BLOCKS)
    told = made(treasurer)
    assert told["total"] == "6000"
    own = treasurer.does("settle", "approve", "1", "--hash", told["hash"], wanted=None)
    assert own.code == ExitCode.NOT_ALLOWED
    approver.does("settle", "approve", "1", "--hash", told["hash"])
    # The devnet makes a block a transaction: a round is final when later blocks stand on it.
    eventually(lambda: on_chain(treasurer) == "settled")
    rpc(town, "anvil_mine", BLOCKS)
    eventually(lambda: on_chain(treasurer) == "final")
    _bank_pays(town, treasurer)
    rows = treasurer.reads("settle", "statement", "1", "--html", str(town.file("shop.html")))
    assert [(row["amount"], row["place"]) for row in rows] == [("6000", "paid")]
    assert "they agree" in town.file("shop.html").read_text("utf-8")
    account = {row["what"]: row["amount"] for row in treasurer.reads("settle", "account", "1")}
    assert (account["paid"], account["balance"]) == ("-6000", "0")
    assert [row["round"] for row in treasurer.reads("settle", "list")] == [1]


def on_chain(treasurer: Person) -> str:
    (told,) = treasurer.reads("settle", "list")
    return str(told["chain"])


def _bank_pays(town: Town, treasurer: Person) -> None:
    payout, answer = town.file("payout.xml"), town.file("answer.xml")
    treasurer.does("settle", "file", "1", str(payout))
    bank = Bank()
    bank.take_pain001(payout.read_bytes())
    answer.write_bytes(bank.answer_pain002())
    (change,) = treasurer.reads("settle", "answer", str(answer))
    assert (change["merchant"], change["status"]) == (1, "paid")
    again = treasurer.does("settle", "answer", str(answer), "--json")
    assert again.json() == [] and "taken before" in again.err
    answer.write_bytes(bank.answer_pain002().replace(b"60.00", b"61.00"))
    altered = treasurer.does("settle", "answer", str(answer), wanted=ExitCode.USAGE)
    assert "bank_file_invalid" in altered.err
    digest = "0x" + hashlib.sha256(payout.read_bytes()).hexdigest()
    eventually(lambda: treasurer.reads("settle", "list")[0]["files"] == [digest])
    shown = treasurer.does("settle", "show", "1")
    assert "settled on the chain for good" in shown.err and digest in shown.err
    assert treasurer.reads("settle", "debts", "1") == []
    (line,) = treasurer.reads("settle", "show", "1")
    assert (line["payment"], line["number"]) == ("paid", "1234567890")
