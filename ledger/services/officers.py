"""Drafting, approving and issuing a campaign are three people. The contract refuses one key doing
two of them; the city's keys are the offices', so who sits in the office is judged here."""

from sqlalchemy.ext.asyncio import AsyncSession

from ledger.db import campaign_people
from ledger.errors import SamePerson


async def refuse_same_person(
    session: AsyncSession, campaign: int, *, step: str, requested_by: str
) -> None:
    """Raises SamePerson for an officer who has ordered another step of this campaign, with this
    key or with another key of the same name."""
    taken = [
        (taken_step, key)
        for taken_step, key in await campaign_people.steps_taken(session, campaign)
        if taken_step.removesuffix("_list") != step
    ]
    names = await campaign_people.names_of(session, {requested_by, *(key for _, key in taken)})
    name = names.get(requested_by)
    for taken_step, key in taken:
        if key == requested_by or (name is not None and names.get(key) == name):
            raise SamePerson(campaign=campaign, step=taken_step.removesuffix("_list"))
