"""A city in a few lines: what each pass has spent, what a campaign holds, and what must be refused.

Nothing here knows of databases, chains, crashes or reorgs: that is the point of it.
"""

from dataclasses import dataclass, field

DAY = 86_400
BANGKOK = 7 * 3_600


@dataclass(slots=True)
class Spent:
    """What one pass has used of the campaign. `last` is the time of its last redemption."""

    last: int = 0
    today: int = 0
    total: int = 0


@dataclass(slots=True)
class Taken:
    """A redemption that was accepted, and how much of it was undone."""

    who: str
    amount: int
    signed_at: int
    voided: int = 0


@dataclass(slots=True, kw_only=True)
class Model:
    """One campaign as everybody understands it. All amounts are satang."""

    funded: int
    allowance: int
    per_day: int
    passes: dict[str, Spent] = field(default_factory=dict)
    taken: dict[str, Taken] = field(default_factory=dict)
    paused_at: int | None = None

    @property
    def spent(self) -> int:
        return sum(each.total for each in self.passes.values())

    def refusals(self, who: str, amount: int, signed_at: int) -> set[str]:
        """Every rule a redemption breaks; accepted where there is none."""
        used = self.passes[who]
        today = used.today if _day(used.last) == _day(signed_at) else 0
        broken = {
            "campaign_paused": self.paused_at is not None and signed_at >= self.paused_at,
            "already_spent": signed_at <= used.last,
            "allowance_used": used.total + amount > self.allowance,
            "day_quota_used": today + amount > self.per_day,
            "budget_used": self.spent + amount > self.funded,
        }
        return {code for code, breaks in broken.items() if breaks}

    def take(self, name: str, who: str, amount: int, signed_at: int) -> None:
        """A redemption was accepted."""
        used = self.passes[who]
        if _day(used.last) != _day(signed_at):
            used.today = 0
        used.last, used.today, used.total = signed_at, used.today + amount, used.total + amount
        self.taken[name] = Taken(who, amount, signed_at)

    def undo(self, name: str, amount: int) -> None:
        """A part of a redemption was voided; a day's quota comes back on the last one's day."""
        taken = self.taken[name]
        used = self.passes[taken.who]
        taken.voided += amount
        used.total -= amount
        if _day(used.last) == _day(taken.signed_at):
            used.today -= amount


def _day(moment: int) -> int:
    return (moment + BANGKOK) // DAY
