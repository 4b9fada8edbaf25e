"""Secrets of webhooks: derived from a key of the city whenever they are needed, and kept nowhere.

A database, or a backup of it, that falls into wrong hands signs nothing (ADR 0009).
"""

from typing import Final

from ledger.chain.signer import Signer
from ledger.db.tables_webhooks import WebhookEndpoint
from ledger.domain.hashing import keccak
from ledger.errors import WebhookKeyChanged
from ledger.services.runtime import SEQUENCER, Runtime

KEY_NAME: Final = "webhooks"
_DOMAIN: Final = b"nakhon webhook secret 1\x00"


def deriving_key(runtime: Runtime) -> Signer:
    """The key that secrets are derived by: one called `webhooks`, else the sequencer's."""
    return runtime.signers.get(KEY_NAME) or runtime.signer(SEQUENCER)


async def secret_of(runtime: Runtime, endpoint: WebhookEndpoint, *, generation: int) -> bytes:
    """The secret of an endpoint's generation: 32 bytes.

    Deterministic signatures (RFC 6979) serve as the derivation. Raises WebhookKeyChanged where
    this process holds another key than the one the endpoint was made under, or a signer that
    signs otherwise each time: no secret can be derived with that.
    """
    signer = deriving_key(runtime)
    if signer.address != endpoint.signer:
        raise WebhookKeyChanged(webhook=endpoint.id)
    digest = keccak(_DOMAIN + f"{runtime.chain_id} {endpoint.id} {generation}".encode())
    first, again = await signer.sign_digest(digest), await signer.sign_digest(digest)
    if first != again:
        raise WebhookKeyChanged(webhook=endpoint.id)
    return keccak(_DOMAIN + first[0] + first[1])


async def secrets_of(runtime: Runtime, endpoint: WebhookEndpoint, *, now: int) -> list[bytes]:
    """The secrets that sign now (the machine's time): the newest first, and the one before it while
    a rotation lasts. Raises WebhookKeyChanged."""
    generations = [endpoint.generation]
    if endpoint.previous_until is not None and now < endpoint.previous_until:
        generations.append(endpoint.generation - 1)
    return [await secret_of(runtime, endpoint, generation=one) for one in generations]
