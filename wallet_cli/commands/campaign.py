"""`nakhon campaign`: from a council's decision to the closed account."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from wallet_cli.arguments import Baht, CampaignNumber, Yes
from wallet_cli.command import Takes, command, group
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.files import read_file
from wallet_cli.intents import follow
from wallet_cli.language import Language, both
from wallet_cli.output import Column, Kind
from wallet_cli.policies import check_policy

app = group(
    th="โครงการ: ตรวจเงื่อนไข ร่าง อนุมัติ ให้สิทธิ์ เติมเงิน หยุด คืนเงิน (เจ้าหน้าที่)",
    en="campaigns: check, draft, approve, issue, fund, pause, sweep (officers)",
)

_ORDER: Final = Takes.CITY | Takes.OFFICER | Takes.WAIT | Takes.OUTPUT

_POLICY: Final = (
    Column("name_th", "ชื่อ", "Name (Thai)"),
    Column("name_en", "ชื่ออังกฤษ", "Name"),
    Column("hash", "ลายนิ้วมือเงื่อนไข", "Policy hash"),
)

_CAMPAIGNS: Final = (
    Column("campaign", "โครงการ", "Campaign"),
    Column("status", "สถานะ", "Status"),
    Column("name_th", "ชื่อ", "Name (Thai)"),
    Column("name_en", "ชื่ออังกฤษ", "Name"),
    Column("starts", "เริ่ม", "Starts", Kind.TIME),
    Column("ends", "สิ้นสุด", "Ends", Kind.TIME),
    Column("funded", "เงินที่เติม", "Funded", Kind.BAHT),
    Column("spent", "ใช้แล้ว", "Spent", Kind.BAHT),
    Column("pending", "รอขึ้นเชน", "On its way", Kind.BAHT),
    Column("left", "คงเหลือ", "Left", Kind.BAHT),
    Column("policy_hash", "ลายนิ้วมือเงื่อนไข", "Policy hash"),
)

_LIST: Final = (
    Column("id", "รายชื่อ", "List"),
    Column("count", "จำนวน", "Passes"),
    Column("hash", "ลายนิ้วมือ", "Hash"),
)

PolicyFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=both("ไฟล์เงื่อนไข JSON", "a policy, JSON"))
]


def _flat(campaign: dict[str, Any]) -> dict[str, Any]:
    name = campaign.get("name") or {}
    terms = campaign["terms"]
    return {
        **campaign,
        "name_th": name.get("th"),
        "name_en": name.get("en"),
        "starts": terms["starts"],
        "ends": terms["ends"],
        **campaign["money"],
    }


@command(
    app,
    "check",
    th="ตรวจไฟล์เงื่อนไขโดยไม่ส่งไปไหน บอกลายนิ้วมือ หรือบรรทัดที่ผิด",
    en="Check a policy file without sending it: its hash, or the line that is wrong.",
    example="nakhon campaign check lunch.json",
    takes=Takes.OUTPUT,
)
def check(desk: Desk, file: PolicyFile) -> None:
    desk.printer.record(_POLICY, check_policy(read_file(file)))


@command(
    app,
    "explain",
    th="อ่านเงื่อนไขเป็นประโยคไทยและอังกฤษ จากไฟล์ หรือจากเลขที่โครงการ",
    en="Read the rules as Thai and English sentences, of a file or of a campaign.",
    example="nakhon campaign explain lunch.json",
    takes=Takes.CITY | Takes.OUTPUT,
)
def explain(
    desk: Desk,
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE|NUMBER",
            help=both("ไฟล์เงื่อนไข หรือเลขที่โครงการ", "a policy file, or the number of a campaign"),
        ),
    ],
) -> None:
    if what.isascii() and what.isdigit():
        with desk.public() as client:
            sentences = client.get(f"/v1/campaigns/{int(what)}").get("sentences")
        if sentences is None:
            raise failure(
                ExitCode.NOT_FOUND,
                "policy_unknown",
                th=f"เมืองไม่มีเอกสารเงื่อนไขของโครงการ {what}",
                en=f"the city keeps no policy document of campaign {what}",
            )
    else:
        sentences = check_policy(read_file(Path(what)))["sentences"]
    columns = {
        Language.TH: (Column("th", "เงื่อนไข", "Rule"),),
        Language.EN: (Column("en", "เงื่อนไข", "Rule"),),
        Language.BOTH: (Column("th", "เงื่อนไข", "Rule (Thai)"), Column("en", "อังกฤษ", "Rule")),
    }[desk.language]
    pairs = zip(sentences["th"], sentences["en"], strict=True)
    desk.printer.rows(columns, [{"th": th, "en": en} for th, en in pairs])


@command(
    app,
    "show",
    th="ดูโครงการหนึ่งหรือทั้งหมด พร้อมยอดเงิน",
    en="Show one campaign or all of them, with their money.",
    example="nakhon campaign show 1",
    takes=Takes.CITY | Takes.OUTPUT,
)
def show(
    desk: Desk,
    number: Annotated[
        int | None,
        typer.Argument(min=1, help=both("เลขที่โครงการ", "number of the campaign")),
    ] = None,
) -> None:
    with desk.public() as client:
        if number is None:
            desk.printer.rows(_CAMPAIGNS, [_flat(one) for one in client.items("/v1/campaigns")])
        else:
            desk.printer.record(_CAMPAIGNS, _flat(client.get(f"/v1/campaigns/{number}")))


@command(
    app,
    "list",
    th="ส่งรายชื่อบัตรที่ได้คูปองเป็นไฟล์ CSV มีคอลัมน์ pass ถูกทุกบรรทัดหรือไม่รับเลย",
    en="Upload the passes that get a coupon: CSV with a column pass, all good or none taken.",
    example="nakhon campaign list elders.csv",
    takes=Takes.CITY | Takes.OFFICER | Takes.OUTPUT,
)
def upload_list(
    desk: Desk,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=both("ไฟล์ CSV", "a CSV file"))],
) -> None:
    raw = read_file(file)
    with desk.officer() as client:
        desk.printer.record(_LIST, client.post_raw("/v1/lists", raw, "text/csv"))


@command(
    app,
    "draft",
    th="ร่างโครงการจากไฟล์เงื่อนไข (ผู้ร่าง) คนอื่นต้องเป็นผู้อนุมัติ",
    en="Draft a campaign from a policy file (campaign officer); somebody else must approve it.",
    example="nakhon campaign draft lunch.json",
    takes=_ORDER,
)
def draft(
    desk: Desk,
    file: PolicyFile,
    list_id: Annotated[
        str | None,
        typer.Option(
            "--list",
            metavar="ID",
            help=both("รายชื่อที่ส่งไว้แล้ว", "a list that was uploaded before"),
        ),
    ] = None,
) -> None:
    raw = read_file(file)
    check_policy(raw)
    with desk.officer() as client:
        stored = client.post_raw("/v1/policies", raw, "application/json")
        body: dict[str, Any] = {"policy": stored["hash"]}
        if list_id is not None:
            body["list"] = list_id
        follow(desk, client, client.post("/v1/campaigns", body))


def _order(desk: Desk, number: int, step: str) -> None:
    with desk.officer() as client:
        follow(desk, client, client.post(f"/v1/campaigns/{number}/{step}"))


@command(
    app,
    "approve",
    th="อนุมัติโครงการที่ผู้อื่นร่าง (ผู้อนุมัติ)",
    en="Approve a campaign somebody else drafted (approver).",
    example="nakhon campaign approve 1 --yes",
    takes=_ORDER,
)
def approve(desk: Desk, number: CampaignNumber, yes: Yes = False) -> None:
    desk.confirm(f"อนุมัติโครงการ {number} ?", f"Approve campaign {number}?", yes=yes)
    _order(desk, number, "approve")


@command(
    app,
    "issue",
    th="ให้สิทธิ์ทุกคนในกลุ่มเป้าหมาย หรือตามรายชื่อที่อนุมัติไว้ (ผู้ให้สิทธิ์)",
    en="Issue the coupons, to the whole audience or to the approved list (issuer).",
    example="nakhon campaign issue 1 --yes",
    takes=_ORDER,
)
def issue(desk: Desk, number: CampaignNumber, yes: Yes = False) -> None:
    desk.confirm(f"ให้สิทธิ์ตามโครงการ {number} ?", f"Issue campaign {number}?", yes=yes)
    _order(desk, number, "issue")


@command(
    app,
    "fund",
    th="เติมเงินให้โครงการ (เหรัญญิก) มีผู้ร่วมสมทบได้หลายราย",
    en="Fund a campaign (treasurer); any number of funders may share it.",
    example="nakhon campaign fund 1 120,000 --funder treasurer",
    takes=_ORDER,
)
def fund(
    desk: Desk,
    number: CampaignNumber,
    amount: Baht,
    funder: Annotated[
        str, typer.Option("--funder", metavar="NAME", help=both("บัญชีผู้สมทบทุน", "whose account"))
    ] = "treasurer",
) -> None:
    with desk.officer() as client:
        body = {"amount": str(amount), "funder": funder}
        follow(desk, client, client.post(f"/v1/campaigns/{number}/fund", body))


@command(
    app,
    "pause",
    th="หยุดโครงการทันที สิ่งที่ลงลายเซ็นก่อนหยุดยังนับ",
    en="Pause a campaign at once; what was signed before is still taken.",
    example="nakhon campaign pause 1",
    takes=_ORDER,
)
def pause(desk: Desk, number: CampaignNumber) -> None:
    _order(desk, number, "pause")


@command(
    app,
    "resume",
    th="เปิดโครงการที่หยุดไว้ (ผู้อนุมัติ)",
    en="Resume a paused campaign (approver).",
    example="nakhon campaign resume 1",
    takes=_ORDER,
)
def resume(desk: Desk, number: CampaignNumber) -> None:
    _order(desk, number, "resume")


@command(
    app,
    "sweep",
    th="คืนเงินที่เหลือให้ผู้สมทบทุนตามส่วน หลังสิ้นสุดโครงการ 7 วัน",
    en="Return what is left to the funders in proportion, seven days after the end.",
    example="nakhon campaign sweep 1 --yes",
    takes=_ORDER,
)
def sweep(desk: Desk, number: CampaignNumber, yes: Yes = False) -> None:
    desk.confirm(f"คืนเงินโครงการ {number} ?", f"Sweep campaign {number}?", yes=yes)
    _order(desk, number, "sweep")
