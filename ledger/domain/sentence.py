"""The shape of a sentence in two languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What happened and what to do, Thai and English, with str.format fields from the details."""

    th: str
    en: str
    action_th: str
    action_en: str
