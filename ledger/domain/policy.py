"""Policy documents: strict reading, one canonical form, one hash, terms for the contract.

The document is JSON (`policy.schema.json` beside this file). Whatever the schema cannot say, a
contradiction or a figure no lane can hold, is refused here too, with its JSON pointer and line. The
hash is keccak-256 over the document's RFC 8785 form, so that anybody can check it with tools of
their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import rfc8785

from ledger.domain.campaign import ZERO_WORD, Terms
from ledger.domain.listing import list_count, list_hash
from ledger.domain.located_json import read_json
from ledger.domain.policy_document import ListTerms, Name, Policy
from ledger.domain.policy_reading import read_policy
from ledger.domain.policy_sentences import explain
from ledger.domain.reading import Reading
from ledger.errors import ListInvalid, PolicyInvalid

__all__ = [
    "DOCUMENT_BYTES_MAX",
    "ListTerms",
    "Name",
    "Policy",
    "canonical",
    "explain",
    "parse_policy",
    "policy_hash",
    "policy_terms",
]

DOCUMENT_BYTES_MAX: Final = 65_536
_BOM: Final = b"\xef\xbb\xbf"


def parse_policy(document: bytes) -> Policy:
    """Read a policy document (UTF-8 JSON, at most DOCUMENT_BYTES_MAX, a BOM is skipped).

    Raises PolicyInvalid with `pointer`, `line` and `why` of the first defect.
    """
    if len(document) > DOCUMENT_BYTES_MAX:
        raise PolicyInvalid(
            pointer="/",
            line=1,
            why=f"more than {DOCUMENT_BYTES_MAX:,} bytes",
            why_th=f"ยาวเกิน {DOCUMENT_BYTES_MAX:,} ไบต์",
        )
    try:
        text = document.removeprefix(_BOM).decode()
    except UnicodeDecodeError as broken:
        line = document.count(b"\n", 0, broken.start) + 1
        raise PolicyInvalid(
            pointer="/", line=line, why="not UTF-8", why_th="ไม่ใช่ข้อความ UTF-8"
        ) from broken
    located = read_json(text)
    return read_policy(
        Reading(value=located.value, pointer="", lines=located.lines),
        rfc8785.dumps(located.value),
    )


def canonical(policy: Policy) -> bytes:
    """Return the document in its RFC 8785 form: parsing it gives an equal policy."""
    return policy.canonical


def policy_hash(policy: Policy) -> bytes:
    """Return the 32 bytes that name this document in the contract and in every verdict."""
    return policy.hash


def policy_terms(policy: Policy, token: str, list_words: Mapping[int, int] | None = None) -> Terms:
    """Return what the contract enforces of a policy, paid in `token`.

    `list_words` is the list to be issued to. Raises ListInvalid unless it is the one the policy
    binds by count and hash, or is absent where the policy issues to everyone.
    """
    if list_words is not None:
        bound = ListTerms(count=list_count(list_words), hash=list_hash(list_words))
        if policy.issue is None:
            why = "the policy issues to everyone, so no list can be given"
            raise ListInvalid(rows=[{"row": 0, "why": why}])
        if bound != policy.issue:
            why = f"{bound.count} passes, not the list of {policy.issue.count} the policy binds"
            raise ListInvalid(rows=[{"row": 0, "why": why}])
    return Terms(
        policy_hash=policy.hash,
        token=token,
        starts=policy.starts,
        ends=policy.ends,
        first_use_by=policy.first_use_by,
        share_basis_points=policy.share_basis_points,
        allowance=policy.allowance,
        per_use_max=policy.per_use_max,
        per_day_max=policy.per_day_max,
        bill_min=policy.bill_min,
        audience=policy.audience,
        categories=policy.categories,
        districts=policy.districts,
        open_hours=policy.open_hours,
        same_district=policy.same_district,
        list_hash=policy.issue.hash if policy.issue else ZERO_WORD,
        list_count=policy.issue.count if policy.issue else 0,
    )
