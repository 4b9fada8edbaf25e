"""The published JSON Schema of policy documents, as it lies beside this file."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

SCHEMA_FILE: Final = "policy.schema.json"


def schema_text() -> str:
    """Return the schema of version 1: `$id` is urn:nakhon:policy:1, and a later one another."""
    return (files("ledger.domain") / SCHEMA_FILE).read_text("utf-8")
