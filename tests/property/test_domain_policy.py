"""Policy documents: one canonical form, and nothing but PolicyInvalid for what is none."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.policy import canonical, explain, parse_policy, policy_terms
from ledger.domain.policy_document import DAYS
from ledger.domain.vocabulary import CATEGORIES, CLASSES
from ledger.errors import PolicyInvalid
from tests.property.domain_city import TOKEN
from tests.unit.test_domain_policy import SCHEMA, policy_document

VALIDATOR = jsonschema_rs.validator_for(SCHEMA)

names = st.text(min_size=1, max_size=40).filter(
    lambda text: text.strip() and text.isprintable() and "\u00ad" not in text
)


@st.composite
def spans(draw: st.DrawFn) -> list[list[str]]:
    """Ascending spans of hours that do not overlap."""
    hours = sorted(draw(st.sets(st.integers(0, 24), min_size=2, max_size=6)))
    pairs = zip(hours[::2], hours[1::2], strict=False)
    return [[f"{first:02d}:00", f"{last:02d}:00"] for first, last in pairs]


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Documents that say something sensible."""
    allowance = draw(st.integers(1, 2**24 - 1))
    day = draw(st.integers(1, min(allowance, 2**19 - 1)))
    document: dict[str, Any] = {
        "version": 1,
        "name": {"th": draw(names), "en": draw(names)},
        "window": {"starts": "2025-10-29T06:00:00+07:00", "ends": "2025-12-31T23:00+07:00"},
        "hours": draw(
            st.fixed_dictionaries({"every_day": spans()})
            | st.dictionaries(st.sampled_from(DAYS), spans(), min_size=1)
        ),
        "share_basis_points": draw(st.integers(1, 10_000)),
        "allowance": str(allowance),
        "audience": draw(st.lists(st.sampled_from(_names(CLASSES)), min_size=1, unique=True)),
        "categories": draw(
            st.just("any") | st.lists(st.sampled_from(_names(CATEGORIES)), min_size=1, unique=True)
        ),
        "districts": draw(
            st.just("any") | st.lists(st.integers(0, 63), min_size=1, max_size=9, unique=True)
        ),
        "same_district": draw(st.booleans()),
        "issue": draw(
            st.just("everyone") | st.just({"list": {"count": 37, "hash": "0x" + "a1" * 32}})
        ),
    }
    if draw(st.booleans()):
        document["per_day_max"] = str(day)
        document["per_use_max"] = str(draw(st.integers(1, day)))
    if draw(st.booleans()):
        document["bill_min"] = str(draw(st.integers(1, 2**24 - 1)))
    return document


def _names(vocabulary: Any) -> list[str]:
    return [word.name for word in vocabulary.words]


@given(documents(), st.integers(0, 4))
def test_a_document_has_one_hash_however_it_is_laid_out(
    document: dict[str, Any], indent: int
) -> None:
    shuffled = dict(reversed(list(document.items())))
    one = parse_policy(json.dumps(document, indent=indent or None).encode())
    two = parse_policy(b"\xef\xbb\xbf" + json.dumps(shuffled, ensure_ascii=False).encode())
    assert one == two
    assert parse_policy(canonical(one)) == one
    assert canonical(parse_policy(canonical(one))) == canonical(one)


@given(documents())
def test_every_document_reads_aloud_in_both_languages_and_fits_the_contract(
    document: dict[str, Any],
) -> None:
    policy = parse_policy(json.dumps(document).encode())
    thai, english = explain(policy)
    assert len(thai) == len(english) >= 8
    assert all(thai) and all(english)
    terms = policy_terms(policy, TOKEN)
    assert terms.policy_hash == policy.hash
    assert 0 < terms.open_hours < 2**168
    assert terms.per_use_max <= terms.allowance
    assert VALIDATOR.is_valid(document)


@given(documents(), documents())
def test_two_documents_share_a_hash_only_if_they_are_the_same(
    one: dict[str, Any], two: dict[str, Any]
) -> None:
    hashes = [parse_policy(json.dumps(document).encode()).hash for document in (one, two)]
    assert (hashes[0] == hashes[1]) == (one == two)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3)
    ),
    max_leaves=6,
)


@given(st.binary(max_size=120) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_policy_or_refused_with_pointer_and_line(raw: bytes) -> None:
    with contextlib.suppress(PolicyInvalid):
        parse_policy(raw)
        raise AssertionError("no document of these sizes is a policy")


@given(st.data(), json_values)
def test_a_document_with_one_value_replaced_is_read_or_refused_where_it_stands(
    data: st.DataObject, value: Any
) -> None:
    document = policy_document()
    name = data.draw(st.sampled_from(sorted(document)))
    document[name] = value
    try:
        parse_policy(json.dumps(document).encode())
    except PolicyInvalid as refused:
        assert refused.details["pointer"].startswith("/")
        assert refused.details["line"] == 1
    else:
        assert VALIDATOR.is_valid(document), "the schema is never stricter than the reader"


@given(st.text(min_size=1, max_size=12))
def test_an_unknown_field_is_refused_by_name(name: str) -> None:
    document = policy_document()
    if name in document or name in ("first_use_by", "per_use_max", "per_day_max", "bill_min"):
        return
    document[name] = 1
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(json.dumps(document).encode())
    escaped = name.replace("~", "~0").replace("/", "~1")
    assert refused.value.details["pointer"] == f"/{escaped}"
