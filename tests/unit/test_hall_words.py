"""The words that city hall's page offers are those of the ledger, in both languages."""

import re
from pathlib import Path

import pytest

from ledger.db.api_keys import ROLES
from ledger.domain.policy_document import DAYS
from ledger.domain.reasons import Reason
from ledger.domain.vocabulary import CATEGORIES, CLASSES, Vocabulary
from ledger.services.live import refusal_name

STATIC = Path(__file__).resolve().parents[2] / "api" / "web" / "static"
WORDS = (STATIC / "hall_words.js").read_text("utf-8")
ROW = re.compile(r"^  (\w+): t\('([^']+)', '([^']+)'\),$", re.MULTILINE)


def table(name: str) -> dict[str, tuple[str, str]]:
    """One table of the module: each word with its Thai and its English."""
    body = WORDS.partition(f"export const {name} = {{")[2].partition("};")[0]
    return {word: (th, en) for word, th, en in ROW.findall(body)}


@pytest.mark.parametrize(("name", "words"), [("CLASSES", CLASSES), ("CATEGORIES", CATEGORIES)])
def test_the_form_offers_the_words_of_the_vocabulary(name: str, words: Vocabulary) -> None:
    assert table(name) == {word.name: (word.th, word.en) for word in words.words}


def test_the_form_knows_every_day_of_the_week_in_order() -> None:
    assert tuple(table("DAYS")) == DAYS


def test_every_office_of_the_hall_has_a_name() -> None:
    assert set(table("OFFICES")) == set(ROLES) - {"ambassador"}


@pytest.mark.parametrize("reason", list(Reason))
def test_every_rule_is_counted_under_a_name_in_both_languages(reason: Reason) -> None:
    th, en = refusal_name(reason.code)
    assert reason.code not in (th, en)
    assert re.search("[ก-๙]", th)
    assert en.isascii()
