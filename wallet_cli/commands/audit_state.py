"""`nakhon audit state`: what the chain's events come to, as tables."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.command import Takes, command
from wallet_cli.commands.audit import Until, read_chain
from wallet_cli.commands.audit_close import app
from wallet_cli.desk import Desk
from wallet_cli.language import both
from wallet_cli.output import Column, Kind

if TYPE_CHECKING:
    from ledger.domain.state import State

__all__ = ["app"]


class Part(StrEnum):
    """A part of the state."""

    CAMPAIGNS = "campaigns"
    MERCHANTS = "merchants"
    PASSES = "passes"
    FUNDERS = "funders"
    TOKENS = "tokens"
    ROLES = "roles"
    REDEMPTIONS = "redemptions"


_COLUMNS: Final[dict[Part, tuple[Column, ...]]] = {
    Part.CAMPAIGNS: (
        Column("campaign", "โครงการ", "Campaign"),
        Column("status", "สถานะ", "Status"),
        Column("funded", "เงินที่เติม", "Funded", Kind.BAHT),
        Column("spent", "ใช้แล้ว", "Spent", Kind.BAHT),
        Column("unspent", "คงเหลือ", "Unspent", Kind.BAHT),
        Column("redemptions", "การใช้สิทธิ์", "Redemptions"),
        Column("starts", "เริ่ม", "Starts", Kind.TIME),
        Column("ends", "สิ้นสุด", "Ends", Kind.TIME),
        Column("policy_hash", "ลายนิ้วมือเงื่อนไข", "Policy hash"),
    ),
    Part.MERCHANTS: (
        Column("merchant", "ร้าน", "Shop"),
        Column("status", "สถานะ", "Status"),
        Column("category", "ประเภท", "Category"),
        Column("district", "เขต", "District"),
        Column("payout", "บัญชีรับเงิน", "Payout address"),
        Column("amount", "เมืองจ่าย", "City pays", Kind.BAHT),
        Column("copay", "โทเคนที่รับ", "Tokens paid", Kind.BAHT),
    ),
    Part.PASSES: (
        Column("pass", "บัตรสมาชิก", "Pass"),
        Column("status", "สถานะ", "Status"),
        Column("holder", "ผู้ถือ", "Holder"),
        Column("class", "ประเภท", "Class"),
        Column("district", "เขต", "District"),
        Column("valid_from", "เริ่มใช้ได้", "Valid from", Kind.TIME),
        Column("valid_until", "ใช้ได้ถึง", "Valid until", Kind.TIME),
    ),
    Part.FUNDERS: (
        Column("campaign", "โครงการ", "Campaign"),
        Column("contribution", "ลำดับ", "Contribution"),
        Column("funder", "ผู้สมทบทุน", "Funder"),
        Column("amount", "สมทบ", "Amount", Kind.BAHT),
        Column("returned", "คืนแล้ว", "Returned", Kind.BAHT),
    ),
    Part.TOKENS: (
        Column("token", "โทเคน", "Token"),
        Column("supply", "หมุนเวียน", "In circulation", Kind.BAHT),
        Column("funded", "ออกทั้งหมด", "Funded in all", Kind.BAHT),
        Column("settled", "ชำระคืนแล้ว", "Settled in all", Kind.BAHT),
        Column("paused", "หยุด", "Paused"),
    ),
    Part.ROLES: (
        Column("role", "บทบาท", "Role"),
        Column("account", "บัญชี", "Account"),
        Column("since", "ตั้งแต่", "Since", Kind.TIME),
        Column("delay", "หน่วงเวลา (วินาที)", "Delay (seconds)"),
    ),
    Part.REDEMPTIONS: (
        Column("city", "เมือง", "City"),
        Column("campaign", "โครงการ", "Campaign"),
        Column("pass", "บัตรสมาชิก", "Pass"),
        Column("merchant", "ร้าน", "Shop"),
        Column("bill", "ยอดบิล", "Bill", Kind.BAHT),
        Column("amount", "เมืองจ่าย", "City pays", Kind.BAHT),
        Column("copay", "โทเคนที่จ่าย", "Tokens paid", Kind.BAHT),
        Column("signed_at", "ลงลายเซ็นเมื่อ", "Signed at", Kind.TIME),
        Column("voided", "ยกเลิกแล้ว", "Voided", Kind.BAHT),
        Column("class", "ประเภทบัตร", "Class"),
        Column("district", "เขตของบัตร", "District"),
        Column("valid_from", "บัตรเริ่มใช้ได้", "Valid from", Kind.TIME),
        Column("valid_until", "บัตรใช้ได้ถึง", "Valid until", Kind.TIME),
        Column("category", "ประเภทร้าน", "Category"),
        Column("merchant_district", "เขตของร้าน", "Shop's district"),
    ),
}


@command(
    app,
    "state",
    th="ยอดและสถานะทั้งหมดที่คำนวณขึ้นใหม่จากเชน: โครงการ ร้าน บัตร ผู้สมทบทุน โทเคน บทบาท",
    en="Every balance and status, worked out again from the chain: campaigns, merchants, passes, "
    "funders, tokens, roles.",
    example="nakhon audit state campaigns -o csv",
    takes=Takes.CHAIN | Takes.OUTPUT,
)
def state(
    desk: Desk,
    part: Annotated[
        Part,
        typer.Argument(
            metavar="PART",
            help=both(
                "ส่วนไหน: campaigns, merchants, passes, funders, tokens, roles, redemptions",
                "which part: campaigns, merchants, passes, funders, tokens, roles, redemptions",
            ),
        ),
    ] = Part.CAMPAIGNS,
    until: Until = None,
) -> None:
    if part is Part.REDEMPTIONS:
        _redemptions(desk, until)
        return
    from ledger.audit.state import rebuild_state

    rebuilt = read_chain(
        desk,
        lambda gateway, deployment, progress: rebuild_state(
            gateway, deployment, until=until, progress=progress
        ),
    )
    desk.printer.rows(_COLUMNS[part], _rows(part, rebuilt))
    if rebuilt.head is not None:
        number = rebuilt.head.number
        desk.printer.note(f"ณ บล็อก {number}", f"as of block {number}")


def _redemptions(desk: Desk, until: int | None) -> None:
    """Every redemption with what pass and shop were then: `nakhon policy replay` reads it again."""
    from ledger.audit.past import read_past
    from ledger.domain.past_rows import past_rows

    past = read_chain(
        desk,
        lambda gateway, deployment, progress: read_past(
            gateway, deployment, until=until, progress=progress
        ),
    )
    desk.printer.rows(_COLUMNS[Part.REDEMPTIONS], past_rows(past))


def _rows(part: Part, of: "State") -> list[dict[str, Any]]:
    rows = {
        Part.CAMPAIGNS: _campaigns,
        Part.MERCHANTS: _merchants,
        Part.PASSES: _passes,
        Part.FUNDERS: _funders,
        Part.TOKENS: _tokens,
        Part.ROLES: _roles,
    }
    return rows[part](of)


def _campaigns(of: "State") -> list[dict[str, Any]]:
    return [
        {
            "campaign": number,
            "status": campaign.status.name.lower(),
            "funded": str(campaign.funded),
            "spent": str(campaign.spent),
            "unspent": str(campaign.unspent),
            "redemptions": of.books[number].redeemed_count if number in of.books else 0,
            "starts": campaign.terms.starts,
            "ends": campaign.terms.ends,
            "policy_hash": "0x" + campaign.terms.policy_hash.hex(),
        }
        for number, campaign in sorted(of.campaigns.items())
    ]


def _merchants(of: "State") -> list[dict[str, Any]]:
    from ledger.domain.vocabulary import CATEGORIES

    return [
        {
            "merchant": number,
            "status": merchant.status.name.lower(),
            "category": CATEGORIES.word(merchant.category).name,
            "district": merchant.district,
            "payout": merchant.payout,
            "amount": str(sum(of.credit_of(each, number).amount for each in of.campaigns)),
            "copay": str(sum(of.credit_of(each, number).copay for each in of.campaigns)),
        }
        for number, merchant in sorted(of.merchants.items())
    ]


def _passes(of: "State") -> list[dict[str, Any]]:
    from ledger.domain.vocabulary import CLASSES

    return [
        {
            "pass": number,
            "status": held.status.name.lower(),
            "holder": of.numbers.get(number),
            "class": CLASSES.word(held.class_).name,
            "district": held.district,
            "valid_from": held.valid_from,
            "valid_until": held.valid_until,
        }
        for number, held in sorted(of.passes.items())
    ]


def _funders(of: "State") -> list[dict[str, Any]]:
    return [
        {
            "campaign": number,
            "contribution": each.number,
            "funder": each.funder,
            "amount": str(each.amount),
            "returned": None if each.returned is None else str(each.returned),
        }
        for number, book in sorted(of.books.items())
        for each in book.contributions
    ]


def _tokens(of: "State") -> list[dict[str, Any]]:
    return [
        {
            "token": address,
            "supply": str(book.supply),
            "funded": str(book.funded),
            "settled": str(book.settled),
            "paused": book.paused,
            "balances": {account: str(held) for account, held in sorted(book.balances.items())},
        }
        for address, book in sorted(of.tokens.items())
    ]


def _roles(of: "State") -> list[dict[str, Any]]:
    from deploy.city import ROLE_NUMBERS

    names = {number: name for name, number in ROLE_NUMBERS.items()}
    return [
        {
            "role": names.get(role, str(role)),
            "account": account,
            "since": grant.since,
            "delay": grant.delay,
        }
        for role, members in sorted(of.roles.items())
        for account, grant in sorted(members.items())
    ]
