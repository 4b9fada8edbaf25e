"""A draft policy and a past, replayed into a report."""

from collections.abc import Sequence
from typing import Any

from ledger.domain.listing import words_of
from ledger.domain.past import Past
from ledger.domain.policy import parse_policy
from ledger.domain.replay import Draft, replay
from ledger.domain.replay_report import report_of
from ledger.errors import DeploymentMismatch


def replay_draft(
    document: bytes,
    past: Past,
    *,
    budget: int | None = None,
    listed: Sequence[int] | None = None,
    weeks: int | None = None,
    city: str | None = None,
) -> dict[str, Any]:
    """The report of a draft policy on a past.

    `budget` is what the campaign would be funded with; `listed` the passes it would be issued to;
    `weeks` how far the past is moved. `city` is the one the draft is for, where the caller knows.
    Raises PolicyInvalid, ListInvalid, InputInvalid; DeploymentMismatch for another city's past.
    """
    if city is not None and past.city and past.city.lower() != city.lower():
        raise DeploymentMismatch(
            contract="CouponBook", why=f"the past is of {past.city}, not of {city}"
        )
    words = None if listed is None else dict(words_of(listed))
    draft = Draft(policy=parse_policy(document), budget=budget, list_words=words, weeks=weeks)
    return report_of(replay(draft, past))
