"""The story in order, on the chain's own clock: it can be told at any hour of the day or night."""

from __future__ import annotations

from typing import Final

from deploy.demo.city import City
from deploy.demo.closing import audit, sweep
from deploy.demo.day import force, have_lunch, lose_phone, undo
from deploy.demo.paying import pay_shops
from deploy.demo.planning import plan
from deploy.demo.rules import Tour
from deploy.demo.telling import Telling
from deploy.demo.till import Till
from deploy.demo.town_hall import gather, open_campaigns, open_shops
from ledger.domain.clock import english_date, thai_date

NOON: Final = 1_761_714_000
"""Wednesday 29 October 2025, 12:00 in Bangkok."""
NIGHT: Final = NOON + 11 * 3_600 + 600
NEXT_MORNING: Final = NOON + 20 * 3_600
AFTER_THE_DEADLINE: Final = NOON + 14 * 86_400
AFTER_THE_END: Final = 1_767_283_200
"""Thursday 1 January 2026, 23:00 in Bangkok: a day after the campaign's last second."""
SWEEP_DAY: Final = AFTER_THE_END + 8 * 86_400
"""A Friday, on which banks work."""


def tell_story(city: City, tell: Telling) -> None:
    """From the council's decision to the closed account. StoryBroken where it does not add up."""
    town = gather(city, tell)
    open_shops(city, tell, town)
    open_campaigns(city, tell, town)
    client = city.office("registrar")
    starts = {
        campaign: int(client.get(f"/v1/campaigns/{campaign}")["terms"]["starts"])
        for campaign in (town.half, town.free)
    }
    till = Till(client=client, starts=starts)
    tour = Tour(city, tell, town, till)

    _turn_clock(city, tell, NOON)
    tour.prepare()
    taken = have_lunch(city, tell, town, till)
    undo(city, tell, town, till, taken)
    lost = lose_phone(city, tell, town, till)
    tour.noon(lost)
    force(city, tell, town, till)
    early = till.signed_at(town.half)

    _turn_clock(city, tell, NIGHT)
    tour.night()
    _turn_clock(city, tell, NEXT_MORNING)
    tour.new_day()
    plan(city, tell, town)
    _turn_clock(city, tell, AFTER_THE_DEADLINE)
    tour.deadline_missed(early)
    _turn_clock(city, tell, AFTER_THE_END)
    tour.ended()
    _turn_clock(city, tell, SWEEP_DAY)
    pay_shops(city, tell, town, till, unlucky=int(taken[-1]["merchant"]))
    sweep(city, tell, town, till)
    audit(city, tell)


def _turn_clock(city: City, tell: Telling, moment: int) -> None:
    city.advance_to(moment)
    tell.fact(f"นาฬิกาของเมือง: {thai_date(moment)}", f"the city's clock: {english_date(moment)}")
