"""People who want their lunch, whatever the city's machines do: they ask until they are told."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from ledger.domain.clock import latest_step, signed_at_of
from ledger.domain.redemption import SignedRedemption
from ledger.domain.signatures import sign
from ledger.domain.typed_data import redemption_digest
from tests.chaos.servers import Server
from tests.integration.till import key_of

ASK_SECONDS_MAX = 8
AGAIN_SECONDS = 0.2
AMOUNT_MAX = 300
"""A day of this stays far below anybody's quota."""

OFTEN_SECONDS = 8.0


@dataclass(slots=True)
class Residents:
    """Everybody with a pass, and what they were told. `ahead` is how far the chain's clock is
    ahead of the machine's, `starts` the campaign's first second."""

    servers: Sequence[Server]
    separator: bytes
    starts: int
    ahead: int
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    promised: dict[str, int] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    async def live(self, name: str, seed: int) -> None:
        """Pay at one of the servers every few seconds, each time at a later step, until closing."""
        chance, last = random.Random(f"{seed} {name}"), 0
        while not self.closing.is_set():
            await asyncio.sleep(chance.uniform(0, OFTEN_SECONDS))
            # One step back: a node that loses its last blocks loses a little time as well.
            step = latest_step(self.starts, int(time.time()) + self.ahead) - 1
            if step > last:
                last = step
                await self._insist(name, step, chance)

    async def _insist(self, name: str, step: int, chance: random.Random) -> None:
        """Ask under one key until somebody answers, first at one server, then at any."""
        amount = chance.randint(1, AMOUNT_MAX)
        body = self._signed(name, step, amount)
        headers = {"idempotency-key": f"{name}-{step}"}
        while True:
            server = chance.choice(self.servers)
            if server.url is None:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            try:
                async with httpx.AsyncClient(
                    base_url=server.url, timeout=ASK_SECONDS_MAX
                ) as client:
                    answer = await client.post("/v1/redemptions", json=body, headers=headers)
            except httpx.TransportError as lost:
                self.told[f"no answer ({type(lost).__name__})"] += 1
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            if not self._heard(name, step, amount, answer):
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            return

    def _heard(self, name: str, step: int, amount: int, answer: httpx.Response) -> bool:
        """Whether an answer was one; others are asked for again."""
        said = answer.json()
        code = "accepted" if answer.status_code == 201 else str(said["code"])
        self.told[code] += 1
        if answer.status_code == 201:
            if self.promised.setdefault(said["id"], amount) != int(said["amount"]):
                self.complaints.append(f"{name} asked for {amount} and was told {said['amount']}")
            return True
        if answer.status_code in (409, 429) or answer.status_code >= 500:
            if code in ("defect", "internal_error"):
                self.complaints.append(f"a defect answered: {answer.text[:300]}")
            return False
        if code != "signed_in_future":
            self.complaints.append(f"{name} was refused at step {step}: {code}")
        return True

    def _signed(self, name: str, step: int, amount: int) -> dict[str, object]:
        key = key_of(name)
        message = SignedRedemption(
            campaign=1,
            merchant=1,
            bill=2 * amount,
            amount=amount,
            copay=0,
            signed_at=signed_at_of(self.starts, step),
        )
        r, vs = sign(redemption_digest(self.separator, message), key.private_key)
        return {
            "campaign": 1,
            "merchant": 1,
            "bill": str(message.bill),
            "amount": str(amount),
            "copay": "0",
            "signed_at": message.signed_at,
            "signature": "0x" + (r + vs).hex(),
        }
