"""Every refusal of a document, word for word: pointer, line, and the reason in both languages.

`tests/vectors/policy_refusals.json` holds documents (as changes to the fullest one, or as text) and
what the reader answers. A changed word is changed there on purpose, or not at all.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.policy import parse_policy
from ledger.errors import PolicyInvalid

ROOT = Path(__file__).parents[2]
VECTORS: list[dict[str, Any]] = json.loads(
    (ROOT / "tests" / "vectors" / "policy_refusals.json").read_text("utf-8")
)


def name_of(vector: dict[str, Any]) -> str:
    return f"{vector['pointer']} {vector['why']}"[:80]


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_a_refusal_is_said_word_for_word(vector: dict[str, Any]) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(vector["document"].encode())
    assert refused.value.details == {
        "pointer": vector["pointer"],
        "line": vector["line"],
        "why": vector["why"],
        "why_th": vector["why_th"],
    }
