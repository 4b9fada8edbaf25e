"""A paper coupon in the hand: its key from seed and PIN, and paying at a shop with it."""

import secrets
from pathlib import Path
from typing import Final

from ledger.qr.codec import PaperCode
from ledger.qr.paper import key_of
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.keys import Key, ask_secret, secret_in
from wallet_cli.limits import Place
from wallet_cli.output import JsonObject
from wallet_cli.payment import pay_shop
from wallet_cli.spending import registered_shop

REFERENCE_BYTES: Final = 8


def ask_pin(desk: Desk) -> str:
    """The paper's PIN from whoever sits at the terminal. USAGE for none."""
    digits = ask_secret(desk.printer, "รหัส PIN ของกระดาษ", "PIN of the paper").strip()
    if not digits:
        raise failure(ExitCode.USAGE, "pin_needed", th="ต้องใส่รหัส PIN", en="the PIN is needed")
    return digits


def paper_key(desk: Desk, code: PaperCode, pin_file: Path | None) -> Key:
    """The key of a scanned paper; its PIN, where it needs one, from a file or the terminal.

    A wrong PIN gives another key, which holds no pass. Raises QrInvalid as `ledger.qr.paper`.
    """
    digits = ""
    if code.pin_needed:
        digits = ask_pin(desk) if pin_file is None else secret_in(pin_file).strip()
    return Key(key_of(code, digits))


def pay_by_paper(
    desk: Desk,
    code: PaperCode,
    pin_file: Path | None,
    *,
    merchant: int,
    bill: int,
    copay: int | None,
    campaign: int | None,
    yes: bool,
    place: Place | None = None,
) -> JsonObject:
    """Pay a bill at this shop by a customer's paper. The shop's device derives the key, shows the
    figures, signs a redemption that names this shop, and forgets the key.

    Raises as `wallet_cli.payment.pay_shop`; NOT_FOUND for a paper without a pass: one that has
    moved to a phone, or another PIN's.
    """
    key = paper_key(desk, code, pin_file)
    with desk.bearer_of(key) as client:
        shop = registered_shop(client, merchant)
        return pay_shop(
            desk,
            client,
            key,
            shop,
            bill=bill,
            copay=copay or 0,
            campaign=campaign,
            reference=secrets.token_bytes(REFERENCE_BYTES),
            yes=yes,
            place=place,
        )
