"""Usage lanes, the calendar they count by, and the arithmetic of shares."""

from __future__ import annotations

from ledger.domain import clock, usage
from ledger.domain.campaign import returned_shares
from ledger.domain.usage import Usage
from ledger.domain.verdict import copay_returned, share_of
from tests.vectors.notation import NOON, STARTS, U24, U32, Json, counted, word


def lane_fields(of: Usage) -> Json:
    return {
        "last_step": of.last_step,
        "spent_today": of.spent_today,
        "spent_total": of.spent_total,
        "lane": word(of.pack(), 8),
    }


def usage_file() -> Json:
    lanes = [
        Usage(),
        Usage(last_step=1, spent_today=5_000, spent_total=5_000),
        Usage(last_step=2**21 - 1, spent_today=2**19 - 1, spent_total=2**24 - 1),
        Usage(last_step=2**21 - 1),
        Usage(spent_today=2**19 - 1),
        Usage(spent_total=2**24 - 1),
        Usage(last_step=1441, spent_today=18_000, spent_total=150_000),
    ]
    slot, slots = 0, []
    for number, of in ((4, lanes[1]), (7, lanes[2]), (5, lanes[6]), (7, lanes[3]), (6, lanes[5])):
        before, slot = slot, usage.write_lane(slot, number, of)
        slots.append(
            {"pass": number, "key": usage.slot_of(number), "before": word(before),
             **lane_fields(of), "after": word(slot)}
        )  # fmt: skip
    return {
        "lanes": counted([lane_fields(of) for of in lanes]),
        "slots": counted(slots),
        "spending": counted(spending()),
        "voiding": counted(voiding()),
        "calendar": counted(calendar()),
        "shares": counted(
            [
                {"bill": bill, "share_basis_points": share, "amount": share_of(bill, share)}
                for bill in (1, 2, 99, 10_001, 40_000, U32)
                for share in (1, 3_333, 5_000, 9_999, 10_000)
            ]
        ),
        "copays_returned": counted(
            [
                {"copay": copay, "amount": amount, "voided_before": before, "voided_now": now,
                 "returned": copay_returned(copay, amount, before, now)}
                for copay, amount, before, now in (
                    (5_000, 5_000, 0, 2_000), (5_000, 5_000, 2_000, 3_000), (1, 3, 0, 1),
                    (1, 3, 1, 1), (1, 3, 2, 1), (U32, U24, U24 - 1, 1), (0, 7, 0, 7),
                )
            ]
        ),
        "sweeps": counted(
            [
                {"unspent": unspent, "contributions": amounts,
                 "returned": returned_shares(unspent, amounts)}
                for unspent, amounts in (
                    (0, [1, 2]), (10, [1, 1, 1]), (99_999, [100_000, 100_000]), (7, [7]),
                    (20_000_000, [12_345_678, 1, 7_654_321]),
                )
            ]
        ),
    }  # fmt: skip


def spending() -> list[Json]:
    """Steps of one pass: the same day, past midnight in Bangkok, and without a day quota."""
    midnight = (86_400 - 6 * 3_600) // 15  # steps from 06:00 to the next Bangkok midnight
    cases = []
    for daily in (True, False):
        now = Usage()
        for step, amount in (
            (1, 5_000),
            (2, 1),
            (midnight, 9_999),
            (midnight + 1, 7),
            (200_000, 3),
        ):
            after = now.after_spending(STARTS, step, amount, daily=daily)
            cases.append(
                {"starts": STARTS, "daily": daily, "before": word(now.pack(), 8), "step": step,
                 "amount": amount, "after": word(after.pack(), 8)}
            )  # fmt: skip
            now = after
    return cases


def voiding() -> list[Json]:
    cases = []
    for daily in (True, False):
        today = 12_000 if daily else 0
        before = Usage(last_step=6_000, spent_today=today, spent_total=50_000)
        for step, amount in ((6_000, 5_000), (5_999, 12_000), (100, 4_000)):
            after = before.after_void(STARTS, step, amount, daily=daily)
            cases.append(
                {"starts": STARTS, "daily": daily, "before": word(before.pack(), 8), "step": step,
                 "amount": amount, "after": word(after.pack(), 8)}
            )  # fmt: skip
    return cases


def calendar() -> list[Json]:
    times = [
        0, STARTS - 1, STARTS, NOON, 1_709_139_600, 1_709_226_000 - 1, 1_709_226_000,
        1_761_757_199, 1_761_757_200, 1_761_498_000 - 1, 1_761_498_000, 2**40 - 1,
    ]  # fmt: skip
    return [
        {"time": t, "day": clock.bangkok_day(t), "hour_of_week": clock.hour_of_week(t)}
        for t in times
    ]
