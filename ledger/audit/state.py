"""The state of the city rebuilt from an RPC address: no database, no API, nobody to trust."""

from ledger.audit.replay import Progress, rebuild_state
from ledger.domain.state import State

__all__ = ["Progress", "State", "rebuild_state"]
