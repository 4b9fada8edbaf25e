"""A small city whose shops were paid, and the lies that can be told about it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.audit.bank_papers import BankPaper, read_paper
from ledger.audit.state import rebuild_state
from ledger.chain.bloom import bloom_of
from ledger.chain.decoding import BY_SIGNATURE
from ledger.domain.bank_layout import example_layouts, render_payout
from ledger.domain.hashing import keccak
from ledger.domain.pain001 import render_pain001
from ledger.domain.payments import (
    BankAccount,
    Payment,
    PaymentFile,
    file_reference,
    payment_reference,
)
from ledger.domain.settled_lines import SettledLine, pack_lines, page_hashes
from tests.bank_simulator import Bank
from tests.conftest import NOON
from tests.integration.lying_node import Lie
from tests.integration.story import Story, lunch

DAY: Final = (NOON + 25_200) // 86_400
LAYOUT: Final = "example_pipe_utf8"
CITY_ACCOUNT: Final = BankAccount(bank="006", number="1234567890", name="เทศบาลนคร")

TOPICS: Final = {
    signature.partition("(")[0]: "0x" + keccak(signature.encode()).hex()
    for signature in BY_SIGNATURE
}


def account_of(merchant: int) -> BankAccount:
    return BankAccount(bank="004", number=f"{9_000_000_000 + merchant}", name=f"ร้าน {merchant}")


@dataclass(slots=True)
class PaidCity:
    """The story, and every file that went to the bank or came from it, by name."""

    story: Story
    files: dict[str, bytes] = field(default_factory=dict)

    def papers(self, changed: dict[str, bytes | None] | None = None) -> list[BankPaper]:
        """The files as an auditor reads them; `changed` puts others in their places, or none."""
        layouts = list(example_layouts().values())
        files = {**self.files, **(changed or {})}
        return [read_paper(name, raw, layouts) for name, raw in files.items() if raw is not None]

    async def pay(self, number: int, wanted: set[int], *, layout: str | None = None) -> PaymentFile:
        """A round of all that is due to some shops, with its file and the file's hash on chain."""
        story, deployment = self.story, self.story.city.deployment
        state = await rebuild_state(story.gateway, deployment)
        lines = [
            SettledLine(
                campaign=campaign,
                merchant=merchant,
                # Which share it is of is for people: the contract adds the two.
                amount=credit.amount - credit.paid,
                copay=credit.copay,
            )
            for merchant in sorted(wanted)
            for campaign in state.campaigns
            if (credit := state.credit_of(campaign, merchant)).amount + credit.copay > credit.paid
        ]
        page = pack_lines(lines)
        total = sum(line.total for line in lines)
        document = keccak(b"round %d" % number)
        terms = (DAY, 1, total, page_hashes([page])[0], document)
        await story.tell("TREASURER", "SettlementBook", "make", *terms)
        await story.tell("APPROVER", "SettlementBook", "approve", number, document)
        await story.tell("TREASURER", "SettlementBook", "settle", number, page, bytes(32))
        due: dict[int, int] = {}
        for line in lines:
            due[line.merchant] = due.get(line.merchant, 0) + line.total
        file = PaymentFile(
            reference=file_reference(deployment.tag, number),
            round=number,
            created_at=NOON,
            pay_on=DAY,
            debtor=CITY_ACCOUNT,
            payments=tuple(
                Payment(
                    reference=payment_reference(deployment.tag, number, merchant),
                    merchant=merchant,
                    account=account_of(merchant),
                    amount=amount,
                )
                for merchant, amount in due.items()
            ),
        )
        raw = self.rendered(file, layout)
        await story.tell(
            *("TREASURER", "SettlementBook", "recordFile", number),
            *(hashlib.sha256(raw).digest(), file.count, file.total),
        )
        self.files[f"payout-{number}"] = raw
        return file

    @staticmethod
    def rendered(file: PaymentFile, layout: str | None) -> bytes:
        if layout is None:
            return render_pain001(file)
        return render_payout(example_layouts()[layout], file)

    def answer(self, number: int, bank: Bank, layout: str | None) -> None:
        """Keep what a bank answers to a round's file."""
        raw = self.files[f"payout-{number}"]
        if layout is None:
            bank.take_pain001(raw)
            told = bank.answer_pain002()
        else:
            bank.take_layout(example_layouts()[layout], raw)
            told = bank.answer_layout(example_layouts()[layout])
        self.files[f"answer-{number}"] = told

    async def give_back(self, number: int, merchant: int) -> None:
        """The bank could not pay a shop: its lines of the only page are due again."""
        story = self.story
        state = await rebuild_state(story.gateway, story.city.deployment)
        page = state.rounds[number].pages[0]
        await story.tell("TREASURER", "SettlementBook", "recredit", number, 1, page, merchant)


async def paid_city(
    story: Story, *, layouts: tuple[str | None, str | None] = (None, LAYOUT)
) -> PaidCity:
    """Lunch for a list of guests too, then a round whose payment to shop 2 comes back, and another
    round that pays it again. `layouts` are those of the two files; None is the neutral one."""
    city = PaidCity(story)
    await lunch(story)
    terms = await story.listed_campaign(2, [1, 2, 3])
    await story.redeem(2, [story.entry(2, terms, 0, await story.step(terms))])
    await city.pay(1, {1, 2}, layout=layouts[0])
    city.answer(1, Bank(closed={account_of(2).number}), layouts[0])
    await city.give_back(1, 2)
    await city.pay(2, {2}, layout=layouts[1])
    city.answer(2, Bank(), layouts[1])
    return city


# ── lies of a node ───────────────────────────────────────────────────────────────────────────────


def about_event(name: str, change: Callable[[dict[str, Any]], None], *, nth: int = 0) -> Lie:
    """The nth log of an event, changed wherever the node shows it."""
    seen: list[str] = []

    def lie(method: str, params: list[Any], result: Any) -> Any:
        for log in _of(result, name) if method == "eth_getLogs" else ():
            place = log["blockNumber"] + log["logIndex"]
            if place not in seen:
                seen.append(place)
            if seen.index(place) == nth:
                change(log)
        return result

    return lie


def _of(logs: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [log for log in logs if log["topics"][0] == TOPICS[name]]


def word(name: str, index: int, change: Callable[[int], int], *, nth: int = 0) -> Lie:
    """Another value in one word of an event's data."""

    def alter(log: dict[str, Any]) -> None:
        at = 2 + 64 * index
        value = change(int(log["data"][at : at + 64], 16))
        log["data"] = log["data"][:at] + f"{value:064x}" + log["data"][at + 64 :]

    return about_event(name, alter, nth=nth)


def piece(name: str, offset: int, size: int, change: Callable[[int], int], *, nth: int = 0) -> Lie:
    """Another value in some bytes of an event's data."""

    def alter(log: dict[str, Any]) -> None:
        at, end = 2 + 2 * offset, 2 + 2 * (offset + size)
        value = change(int(log["data"][at:end], 16))
        log["data"] = log["data"][:at] + f"{value:0{2 * size}x}" + log["data"][end:]

    return about_event(name, alter, nth=nth)


def topic(name: str, index: int, change: Callable[[int], int], *, nth: int = 0) -> Lie:
    """Another value in an indexed field of an event."""

    def alter(log: dict[str, Any]) -> None:
        log["topics"][index] = f"0x{change(int(log['topics'][index], 16)):064x}"

    return about_event(name, alter, nth=nth)


def dropped(name: str) -> Lie:
    """No log of an event."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getLogs":
            return [log for log in result if log["topics"][0] != TOPICS[name]]
        return result

    return lie


def vanished(name: str) -> Lie:
    """No log of an event, and blocks to match: their logs are numbered anew, their blooms are of
    what is left. (No node can make such a block's hash; an auditor does not see its other parts.)
    """
    return _retold(lambda logs: [log for log in logs if log["topics"][0] != TOPICS[name]])


def rewritten(name: str, index: int, value: int) -> Lie:
    """Another value in an indexed field of every log of an event, and blocks to match."""

    def change(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for log in _of(logs, name):
            log["topics"][index] = f"0x{value:064x}"
        return logs

    return _retold(change)


def _retold(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Lie:
    blooms: dict[str, int] = {}

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getLogs":
            numbers = {log["blockNumber"] for log in result}
            told = change(result)
            for number in numbers:
                of_block = [log for log in told if log["blockNumber"] == number]
                for place, log in enumerate(of_block):
                    log["logIndex"] = hex(place)
                blooms[number] = bloom_of(of_block)
            return told
        if method == "eth_getBlockByNumber" and result and result["number"] in blooms:
            return result | {"logsBloom": f"0x{blooms[result['number']]:0512x}"}
        return result

    return lie


def doubled(name: str) -> Lie:
    """Every log of an event twice."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getLogs":
            return [log for one in result for log in [one] * (1 + (one in _of(result, name)))]
        return result

    return lie


def header(number: int, **changes: Any) -> Lie:
    """Another header of one block."""

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getBlockByNumber" and result and int(result["number"], 16) == number:
            return None if changes.get("gone") else result | changes
        return result

    return lie


def calldata(function: bytes, offset: int, size: int, change: Callable[[int], int]) -> Lie:
    """Other bytes in the calldata of every call of a function, after its selector."""
    selector = "0x" + function.hex()

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_getTransactionByHash" and result["input"].startswith(selector):
            at, end = 10 + 2 * offset, 10 + 2 * (offset + size)
            value = change(int(result["input"][at:end], 16))
            data = result["input"]
            return result | {"input": data[:at] + f"{value:0{2 * size}x}" + data[end:]}
        return result

    return lie


def answered(function: bytes, change: Callable[[int], int]) -> Lie:
    """Another last word from every read of a function."""
    selector = "0x" + function.hex()

    def lie(method: str, params: list[Any], result: Any) -> Any:
        if method == "eth_call" and params[0]["data"].startswith(selector):
            return result[:-64] + f"{change(int(result[-64:], 16)):064x}"
        return result

    return lie
