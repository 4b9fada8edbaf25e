"""Every event of every ABI has a decoder by hand, and it reads what a general encoder writes."""

import random
import re
from dataclasses import asdict, fields
from typing import Any

import pytest
from eth_abi.abi import encode

from ledger.chain.artifacts import CONTRACTS, load_artifact
from ledger.chain.decoding import BY_SIGNATURE, DECODERS, decode_log
from ledger.chain.encoding import canonical_type, signature_of
from ledger.domain import events
from ledger.domain.hashing import checksum_address, keccak
from ledger.errors import NodeLied, UnknownEvent

EVENTS = {
    signature_of(entry): entry
    for contract in CONTRACTS
    for entry in load_artifact(contract).entries("event")
}
ADDRESS = "0x5fbdb2315678afecb367f032d93f642f64180aa3"


def chance_value(parameter: dict[str, Any], chance: random.Random) -> Any:
    kind: str = parameter["type"]
    if kind == "tuple":
        return tuple(chance_value(part, chance) for part in parameter["components"])
    if kind == "uint256[]":
        return [chance.getrandbits(256) for _ in range(chance.randrange(4))]
    if kind == "address":
        return checksum_address(chance.randbytes(20))
    if kind == "bool":
        return chance.random() < 0.5
    if kind == "string":
        return "บทบาท" * chance.randrange(20)
    if kind == "bytes":
        return chance.randbytes(chance.randrange(100))
    if kind.startswith("bytes"):
        return chance.randbytes(int(kind[5:]))
    return chance.getrandbits(int(kind[4:]))


def log_of(entry: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    topics = ["0x" + keccak(signature_of(entry).encode()).hex()]
    plain = []
    for parameter, value in zip(entry["inputs"], values, strict=True):
        if parameter["indexed"]:
            topics.append("0x" + encode([parameter["type"]], [value]).hex())
        else:
            plain.append((canonical_type(parameter), value))
    data = encode([kind for kind, _ in plain], [value for _, value in plain])
    return {"address": ADDRESS, "topics": topics, "data": "0x" + data.hex(), "blockNumber": "0x1"}


def snake(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return f"{words}_" if words in {"class", "from", "pass"} else words


def test_every_event_of_every_abi_has_a_decoder() -> None:
    assert EVENTS.keys() == BY_SIGNATURE.keys()


def test_every_event_of_the_domain_has_a_decoder() -> None:
    decoded = {EVENTS[signature]["name"].lower() for signature in BY_SIGNATURE}
    declared = {
        kind.__name__.lower()
        for kind in vars(events).values()
        if isinstance(kind, type) and issubclass(kind, events.Event) and kind is not events.Event
    }
    assert declared == decoded


@pytest.mark.parametrize("signature", EVENTS)
def test_a_decoder_reads_what_a_general_encoder_writes(signature: str) -> None:
    entry, chance = EVENTS[signature], random.Random(signature)
    for _ in range(30):
        values = [chance_value(parameter, chance) for parameter in entry["inputs"]]
        event = decode_log(log_of(entry, values))
        assert event.contract == checksum_address(bytes.fromhex(ADDRESS[2:]))
        for parameter, value in zip(entry["inputs"], values, strict=True):
            found = getattr(event, snake(parameter["name"]))
            if parameter["type"] == "tuple":
                assert tuple(asdict(found).values()) == value
            elif isinstance(value, list):
                assert found == tuple(value)
            else:
                assert found == value
        assert len(fields(event)) == len(values) + 1


@pytest.mark.parametrize("signature", EVENTS)
def test_a_log_that_is_cut_or_padded_is_refused(signature: str) -> None:
    entry, chance = EVENTS[signature], random.Random(signature)
    values = [chance_value(parameter, chance) for parameter in entry["inputs"]]
    log = log_of(entry, values)
    broken = [
        log | {"data": log["data"] + "00" * 32},
        log | {"topics": [*log["topics"], "0x" + "00" * 32]},
        log | {"data": log["data"] + "0"},
        log | {"data": None},
    ]
    if len(log["data"]) > 2:
        broken.append(log | {"data": log["data"][:-64]})
    for bad in broken:
        with pytest.raises(NodeLied):
            decode_log(bad)


def test_an_unknown_topic_is_an_error_and_never_skipped() -> None:
    for topics in ([], ["0x" + "11" * 32], None):
        with pytest.raises(UnknownEvent):
            decode_log({"address": ADDRESS, "topics": topics, "data": "0x", "blockNumber": "0x1"})


def test_a_number_beyond_its_width_is_refused() -> None:
    entry = EVENTS["CampaignClosed(uint32,uint96,uint40)"]
    log = log_of(entry, [1, 2, 3])
    with pytest.raises(NodeLied):
        decode_log(log | {"topics": [log["topics"][0], "0x" + "ff" * 32]})
    with pytest.raises(NodeLied):
        decode_log(log | {"data": "0x" + "ff" * 64})


def test_decoders_are_found_by_the_topic_as_nodes_spell_it() -> None:
    assert all(re.fullmatch("0x[0-9a-f]{64}", topic) for topic in DECODERS)
