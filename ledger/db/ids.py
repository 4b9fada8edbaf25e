"""New names for rows. The chance in them is drawn here; their form is the domain's."""

import secrets

from ledger.domain.ids import ENTROPY_BYTES, make_id


def new_id(prefix: str) -> str:
    """An id that nobody can guess, like `int_5v3k…`."""
    return make_id(prefix, secrets.token_bytes(ENTROPY_BYTES))
