"""A signed verdict as it is handed out: the document, the signature, and the signer it names.

    {"document": {…}, "signature": "0x…", "signer": "0x…",
     "chain_id": 31337, "book": "0x…", "policy": {…}}

`chain_id` and `book` name the city it was signed for; `policy` is the document of the policy, where
it is handed out together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import rfc8785

from ledger.domain.evidence_fields import NUMBER_MAX
from ledger.domain.hashing import address_bytes
from ledger.domain.policy import parse_policy
from ledger.domain.policy_document import Policy
from ledger.domain.signatures import compact, recover
from ledger.domain.typed_data import domain_separator
from ledger.domain.verdict import Verdict
from ledger.domain.verdict_document import digest_of, disagreements, rejudge
from ledger.errors import InputInvalid, SignatureInvalid

_REQUIRED: Final = {"document", "signature", "signer"}
_OPTIONAL: Final = {"chain_id", "book", "policy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedVerdict:
    """A signed verdict as it was read; nothing of it is believed yet."""

    document: Mapping[str, Any]
    signature: bytes
    signer: str
    separator: bytes | None
    policy: Policy | None

    def check_signature(self, separator: bytes) -> None:
        """Raise SignatureInvalid unless `signer` signed the document for this city."""
        r, vs = compact(self.signature)
        found = recover(digest_of(separator, self.document), r, vs)
        if address_bytes(found) != address_bytes(self.signer):
            raise SignatureInvalid(why=f"signed by {found}, not by {self.signer}")

    def judged_again(self, policy: Policy) -> tuple[Verdict, list[dict[str, Any]]]:
        """Return a second judgement, and every figure in which the first one differs."""
        again = rejudge(self.document, policy)
        return again, disagreements(self.document, again)


def read_signed(value: Any) -> SignedVerdict:
    """Read a signed verdict of parsed JSON. Raises InputInvalid for anything else."""
    if not isinstance(value, dict) or not isinstance(value.get("document"), dict):
        raise InputInvalid(what="verdict", why="an object with a document is needed")
    odd = (value.keys() - _REQUIRED - _OPTIONAL) | (_REQUIRED - value.keys())
    if odd:
        told = ", ".join(sorted(str(name)[:40] for name in odd)[:5])
        raise InputInvalid(what="verdict", why=f"missing or unknown: {told}")
    signer = value["signer"]
    address_bytes(signer if isinstance(signer, str) else "")
    return SignedVerdict(
        document=value["document"],
        signature=_signature(value["signature"]),
        signer=signer,
        separator=_separator(value),
        policy=_policy(value["policy"]) if value.get("policy") is not None else None,
    )


def _signature(value: Any) -> bytes:
    try:
        return bytes.fromhex(value.removeprefix("0x"))
    except (AttributeError, ValueError) as broken:
        raise InputInvalid(what="signature", why="0x and hexadecimal digits are needed") from broken


def _separator(value: Mapping[str, Any]) -> bytes | None:
    chain_id, book = value.get("chain_id"), value.get("book")
    if chain_id is None and book is None:
        return None
    if isinstance(chain_id, bool) or not isinstance(chain_id, int):
        raise InputInvalid(what="chain_id", why="a whole number is needed")
    if not 0 <= chain_id <= NUMBER_MAX or not isinstance(book, str):
        raise InputInvalid(what="book", why="chain_id and book belong together")
    return domain_separator(chain_id, book)


def _policy(value: Any) -> Policy:
    try:
        return parse_policy(rfc8785.dumps(value))
    except (rfc8785.CanonicalizationError, RecursionError) as broken:
        raise InputInvalid(what="policy", why="it has no canonical form") from broken
