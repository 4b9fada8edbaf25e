"""A signed verdict is judged again from its document alone, and any change to it shows."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import rfc8785
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.hashing import keccak
from ledger.domain.policy_document import Policy
from ledger.domain.sentences import advise, say
from ledger.domain.till_terms import NO_TILL_TERMS, TillFacts
from ledger.domain.typed_data import domain_separator, verdict_typed_data
from ledger.domain.usage import Usage
from ledger.domain.verdict import Verdict, judge
from ledger.domain.verdict_document import (
    digest_of,
    disagreements,
    document_of,
    evidence_of,
    rejudge,
    written,
)
from ledger.errors import InputInvalid
from tests.property.domain_city import MERCHANT, NOON, PASS, REQUEST, campaign
from tests.property.test_domain_judge import cases
from tests.property.till_cases import bound, facts, tills

BOOK = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
SEPARATOR = domain_separator(31_337, BOOK)


def lunch() -> tuple[dict[str, Any], Policy, Verdict]:
    """The document of an accepted lunch, with its policy and its verdict."""
    of, policy = bound(campaign(), NO_TILL_TERMS)
    verdict = judge(of, PASS, MERCHANT, Usage(), REQUEST, NOON)
    document = document_of(of, PASS, MERCHANT, Usage(), REQUEST, NOON, verdict)
    return document, policy, verdict


@given(cases(), tills, facts)
def test_a_verdict_is_judged_again_from_its_document_alone(
    case: Any, till: Any, told: TillFacts
) -> None:
    of, policy = bound(case[0], till)
    verdict = judge(of, *case[1:], till=till, facts=told)
    document = document_of(of, *case[1:], verdict, facts=told)
    sent = json.loads(json.dumps(document))
    again = rejudge(sent, policy)
    assert again == verdict
    assert disagreements(sent, again) == []
    assert evidence_of(sent) == evidence_of(document)
    assert written(document) == rfc8785.dumps(document)
    if verdict.reason is not None:
        for text in (*say(verdict.code, verdict.figures), *advise(verdict.code, verdict.figures)):
            assert "–" not in text and "{" not in text


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a document that is no object and no list."""
    if isinstance(value, dict):
        return [found for name, one in value.items() for found in leaves(one, (*path, name))]
    return [path]


PATHS = leaves(lunch()[0])


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_any_changed_value_changes_the_digest(path: tuple[str, ...]) -> None:
    document, _policy, _verdict = lunch()
    changed = copy.deepcopy(document)
    holder: Any = changed
    for name in path[:-1]:
        holder = holder[name]
    value = holder[path[-1]]
    if path == ("policy",):
        holder[path[-1]] = "0x" + "11" * 32
    elif isinstance(value, bool):
        holder[path[-1]] = not value
    elif isinstance(value, int):
        holder[path[-1]] = value + 1
    else:
        holder[path[-1]] = f"{value}1"
    assert digest_of(SEPARATOR, changed) != digest_of(SEPARATOR, document)


@pytest.mark.parametrize("path", PATHS, ids=".".join)
@pytest.mark.parametrize("nonsense", [[], {}, 1.5, "x" * 65, -1, 2**53])
def test_nonsense_anywhere_is_refused_or_disagrees(path: tuple[str, ...], nonsense: Any) -> None:
    document, policy, _verdict = lunch()
    holder: Any = document
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = nonsense
    if path[0] == "outcome":
        assert [one["what"] for one in disagreements(document, rejudge(document, policy))] == [
            ".".join(path[1:])
        ]
        return
    with pytest.raises(InputInvalid):
        rejudge(document, policy)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
        ),
    )
)
def test_whatever_is_no_verdict_is_refused(value: Any) -> None:
    _document, policy, _verdict = lunch()
    with pytest.raises(InputInvalid):
        rejudge(value, policy)


@pytest.mark.parametrize("name", sorted(lunch()[0]))
def test_a_member_that_is_missing_or_unknown_is_refused(name: str) -> None:
    document, policy, _verdict = lunch()
    with pytest.raises(InputInvalid):
        rejudge({**document, name + "_": 1}, policy)
    del document[name]
    with pytest.raises(InputInvalid):
        rejudge(document, policy)


def test_a_verdict_under_another_policy_or_with_other_terms_is_refused() -> None:
    document, policy, _verdict = lunch()
    other = bound(campaign(number=2, of=campaign().terms), NO_TILL_TERMS)[1]
    assert rejudge(document, other).accepted, "the same document is the same policy"
    document["campaign"]["terms"]["allowance"] = "1"
    with pytest.raises(InputInvalid) as refused:
        rejudge(document, policy)
    assert refused.value.details["what"] == "campaign.terms"
    document["policy"] = "0x" + "11" * 32
    with pytest.raises(InputInvalid) as refused:
        rejudge(document, policy)
    assert refused.value.details["what"] == "policy"


def test_a_figure_that_was_told_wrong_is_named_with_both_values() -> None:
    document, policy, _verdict = lunch()
    document["outcome"]["figures"]["day_left"] = 7
    document["outcome"]["code"] = "ended"
    assert disagreements(document, rejudge(document, policy)) == [
        {"what": "code", "said": "ended", "judged": "accepted"},
        {"what": "figures.day_left", "said": 7, "judged": 10_000},
    ]


def test_a_figure_left_out_or_invented_disagrees() -> None:
    document, policy, verdict = lunch()
    figures = document["outcome"]["figures"]
    figures["more"] = None
    del figures["day_left"]
    assert [one["what"] for one in disagreements(document, rejudge(document, policy))] == [
        "figures.day_left",
        "figures.more",
    ]
    assert [one["what"] for one in disagreements({"outcome": 1}, verdict)] == ["outcome"]


def test_the_digest_is_what_any_wallet_would_sign() -> None:
    document, policy, _verdict = lunch()
    typed = verdict_typed_data(
        31_337,
        BOOK,
        policy=policy.hash,
        evidence=evidence_of(document),
        judged_at=NOON,
        code="accepted",
    )
    signable = encode_typed_data(full_message=typed)
    theirs = keccak(b"\x19" + signable.version + signable.header + signable.body)
    assert digest_of(SEPARATOR, document) == theirs
    assert digest_of(domain_separator(1, BOOK), document) != theirs


@pytest.mark.parametrize("changes", [{"policy": "0x11"}, {"now": -1}, {"outcome": None}])
def test_what_has_no_digest_is_refused(changes: dict[str, Any]) -> None:
    document, _policy, _verdict = lunch()
    with pytest.raises(InputInvalid):
        digest_of(SEPARATOR, document | changes)
