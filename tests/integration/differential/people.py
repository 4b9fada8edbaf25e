"""Who plays in the histories: everybody has a name, and the name gives the key."""

from functools import cache

from ledger.chain.signer import DevSigner
from ledger.domain.hashing import ZERO_ADDRESS
from ledger.domain.signatures import address_of
from tests.conftest import FUNDERS
from tests.integration.story import key_of as key_of_name

RESIDENTS = tuple(f"resident {n}" for n in range(14))
SPARES = tuple(f"new phone {n}" for n in range(6))
STRANGERS = ("stranger 0", "stranger 1")
SHOPS = tuple(f"shop {n}" for n in range(8))
BUSYBODY = "BUSYBODY"
"""Holds three roles at once, so that only the rule of three people stands in the way."""

NOBODY = "NOBODY"
CITY = ("ADMIN", "TREASURER", "CAMPAIGN_OFFICER", "APPROVER", "ISSUER", "REGISTRAR", "SEQUENCER",
        "GUARDIAN", "ATTESTOR", *FUNDERS, BUSYBODY)  # fmt: skip
"""In the order of the development accounts, as tests/conftest.py gives them out."""

EVERYBODY = (*CITY, *RESIDENTS, *SPARES, *STRANGERS, *SHOPS)


@cache
def key_of(name: str) -> bytes:
    """The private key of somebody."""
    if name in CITY:
        return DevSigner.numbered(CITY.index(name)).private_key
    return key_of_name(name)


@cache
def address(name: str) -> str:
    """The address of somebody; of NOBODY the zero address."""
    return ZERO_ADDRESS if name == NOBODY else address_of(key_of(name))


@cache
def names() -> dict[str, str]:
    """Address to name."""
    return {address(name): name for name in EVERYBODY}
