"""What became of an order."""

from typing import Annotated

from fastapi import APIRouter, Path

from api import answers
from api.access import EVERY_OFFICE, AskerDep
from api.schemas.intents import Intent
from api.sessions import ReadingDep
from ledger.domain.merchants import Merchant
from ledger.errors import UnknownIntent
from ledger.services.orders import intent_of
from ledger.services.void import asked_by

router = APIRouter(prefix="/v1", tags=["intents"])


@router.get("/intents/{name}")
async def read_intent(
    session: ReadingDep, name: Annotated[str, Path(max_length=64)], asker: AskerDep
) -> Intent:
    """One intent: queued, sent, included, final, or failed with the contract's reason.

    Officers see all; a shop and an ambassador see the ones they asked for.
    """
    found = await intent_of(session, name)
    if isinstance(asker, Merchant):
        hidden = found.requested_by != asked_by(asker.number)
    else:
        hidden = asker.roles.isdisjoint(EVERY_OFFICE) and found.requested_by != asker.key_id
    if hidden:
        raise UnknownIntent(intent=name)
    return answers.intent(found)
