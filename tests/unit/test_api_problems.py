"""Every failure has a status, a code that stays, and a sentence in both languages."""

import orjson
import pytest

from api.problems import HTTP_SENTENCES, STATUS, render, status_of, told_http, told_of
from ledger.domain.reasons import Reason
from ledger.errors import LedgerError, RedemptionRefused, every_error


def every_failure() -> list[LedgerError]:
    plain = [
        kind() if kind is not RedemptionRefused else RedemptionRefused("ended")
        for kind in every_error()
    ]
    return plain + [RedemptionRefused(reason.code) for reason in Reason]


@pytest.mark.parametrize("failure", every_failure(), ids=str)
def test_every_failure_is_told_in_both_languages(failure: LedgerError) -> None:
    told = told_of(failure)
    assert 400 <= told.status < 600
    problem = orjson.loads(render(told, "req_test"))
    assert problem["status"] == told.status == status_of(failure)
    for field in ("code", "title", "detail_th", "detail_en", "action_th", "action_en"):
        assert problem[field]
    assert ("rule" in problem) == isinstance(failure, RedemptionRefused)


def test_a_refusal_speaks_with_the_code_of_its_rule_and_its_figures() -> None:
    figures = {"amount": 100, "spent_today": 19_950, "per_day_max": 20_000, "day_left": 50}
    told = told_of(RedemptionRefused("day_quota_used", figures))
    assert (told.code, told.rule, told.status) == ("day_quota_used", "day_quota_used", 422)
    assert told.figures == figures


@pytest.mark.parametrize("status", [400, 404, 405, 408, 413, 415, 418, 500, 507])
def test_every_failure_of_http_itself_is_told_too(status: int) -> None:
    told = told_http(status)
    assert told.status == status
    assert told.code in HTTP_SENTENCES


def test_retryable_failures_say_so_by_their_status() -> None:
    for kind in every_error():
        if kind.retryable:
            assert next(STATUS[base] for base in kind.__mro__ if base in STATUS) in {409, 503}
