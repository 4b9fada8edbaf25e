"""`nakhon policy`: policy files on one's own machine. Nothing is sent anywhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallet_cli.arguments import baht_option
from wallet_cli.command import Takes, command, group
from wallet_cli.desk import Desk
from wallet_cli.exit_codes import ExitCode
from wallet_cli.failures import failure
from wallet_cli.files import read_file
from wallet_cli.language import Language, both
from wallet_cli.output import Column, Kind, OutputFormat
from wallet_cli.policies import check_policy

if TYPE_CHECKING:
    from ledger.domain.policy_diff import Change
    from ledger.domain.policy_sentences import Pair

app = group(
    th="เงื่อนไขโครงการเป็นไฟล์: ตรวจ อ่านเป็นประโยค ลายนิ้วมือ เทียบสองฉบับ (ใครก็ใช้ได้)",
    en="policies as files: check, read aloud, hash, compare two (anybody)",
)

_CHECKED: Final = (
    Column("name_th", "ชื่อ", "Name (Thai)"),
    Column("name_en", "ชื่ออังกฤษ", "Name"),
    Column("hash", "ลายนิ้วมือเงื่อนไข", "Policy hash"),
    Column("needed", "ยอดสิทธิ์ทั้งหมด", "All allowances", Kind.BAHT),
    Column("budget", "งบประมาณ", "Budget", Kind.BAHT),
)
_HASH: Final = (
    Column("file", "ไฟล์", "File"),
    Column("hash", "ลายนิ้วมือเงื่อนไข", "Policy hash"),
)
_CHANGES: Final = (
    Column("rule", "เงื่อนไข", "Rule"),
    Column("was", "เดิม", "Before"),
    Column("now", "ใหม่", "After"),
    Column("helps", "ผู้ได้ประโยชน์", "Helps"),
    Column("hurts", "ผู้เสียประโยชน์", "Hurts"),
)
_BOTH: Final = tuple(
    Column(f"{column.key}_{language}", f"{column.th} ({language})", f"{column.en} ({language})")
    for column in _CHANGES[1:]
    for language in ("th", "en")
)

PolicyFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=both("ไฟล์เงื่อนไข JSON", "a policy, JSON"))
]


@command(
    app,
    "check",
    th="ตรวจไฟล์เงื่อนไข บอกลายนิ้วมือ หรือบรรทัดและเหตุผลที่ผิด ใส่ --budget เพื่อดูว่างบพอหรือไม่",
    en="Check a policy file: its hash, or the line that is wrong and why. With --budget, whether "
    "the budget covers everyone.",
    example="nakhon policy check lunch.json --budget 74,000 --people 37",
    takes=Takes.OUTPUT,
)
def check(
    desk: Desk,
    file: PolicyFile,
    budget: Annotated[
        int | None, baht_option("--budget", th="งบประมาณ เป็นบาท", en="the budget, in baht")
    ] = None,
    people: Annotated[
        int | None,
        typer.Option(
            "--people",
            min=1,
            help=both("จำนวนคน เมื่อให้สิทธิ์ทุกคน", "how many people, of a policy for everyone"),
        ),
    ] = None,
) -> None:
    raw = read_file(file)
    row = check_policy(raw)
    if budget is not None:
        from ledger.domain.policy_budget import check_budget

        row |= {"needed": str(check_budget(raw, budget, people)), "budget": str(budget)}
    columns = _CHECKED if budget is not None else _CHECKED[:3]
    desk.printer.record(columns, row)


@command(
    app,
    "explain",
    th="อ่านเงื่อนไขทุกข้อเป็นประโยคไทยและอังกฤษ",
    en="Read every rule of a policy as Thai and English sentences.",
    example="nakhon policy explain lunch.json",
    takes=Takes.OUTPUT,
)
def explain(desk: Desk, file: PolicyFile) -> None:
    said = check_policy(read_file(file))["sentences"]
    columns = {
        Language.TH: (Column("th", "เงื่อนไข", "Rule"),),
        Language.EN: (Column("en", "เงื่อนไข", "Rule"),),
        Language.BOTH: (Column("th", "เงื่อนไข", "Rule (Thai)"), Column("en", "อังกฤษ", "Rule")),
    }[desk.language]
    pairs = zip(said["th"], said["en"], strict=True)
    desk.printer.rows(columns, [{"th": th, "en": en} for th, en in pairs])


@command(
    app,
    "hash",
    th="ลายนิ้วมือของไฟล์เงื่อนไข ตรงกับที่สัญญาบนเชนเก็บไว้",
    en="The hash of policy files, as the contract holds it.",
    example="nakhon policy hash lunch.json",
    takes=Takes.OUTPUT,
)
def hash_(
    desk: Desk,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help=both("ไฟล์เงื่อนไข JSON", "policies, JSON"))
    ],
) -> None:
    rows = [{"file": str(file), "hash": check_policy(read_file(file))["hash"]} for file in files]
    desk.printer.rows(_HASH, rows)


@command(
    app,
    "diff",
    th="เทียบเงื่อนไขสองฉบับ บอกทุกข้อที่ต่าง ทั้งเดิมและใหม่เป็นประโยค และใครได้ใครเสีย จบด้วยรหัส 6 หากต่าง",
    en="Compare two policies: every rule that differs, before and after as sentences, whom it "
    "helps and whom it hurts. Ends with code 6 where they differ.",
    example="nakhon policy diff lunch.json lunch-next-year.json",
    takes=Takes.OUTPUT,
)
def diff(
    desk: Desk,
    old: Annotated[
        Path, typer.Argument(metavar="OLD", help=both("ไฟล์เงื่อนไขเดิม", "the policy before"))
    ],
    new: Annotated[
        Path, typer.Argument(metavar="NEW", help=both("ไฟล์เงื่อนไขใหม่", "the policy after"))
    ],
) -> None:
    from ledger.domain.policy import parse_policy
    from ledger.domain.policy_diff import changes

    found = changes(parse_policy(read_file(old)), parse_policy(read_file(new)))
    rows = [_row(change) for change in found]
    if desk.printer.form is OutputFormat.TABLE:
        desk.printer.rows(_CHANGES, [_in_words(row, desk.language) for row in rows])
    else:
        desk.printer.rows((_CHANGES[0], *_BOTH), rows)
    if rows:
        named = ", ".join(change.rule for change in found)
        raise failure(
            ExitCode.DIFFERS,
            "policies_differ",
            th=f"เงื่อนไขต่างกัน {len(rows)} ข้อ: {named}",
            en=f"{len(rows)} rules differ: {named}",
        )
    desk.printer.note("ทุกเงื่อนไขตรงกัน", "Every rule is the same.")


@command(
    app,
    "schema",
    th="พิมพ์ JSON Schema ของเอกสารเงื่อนไข พร้อมรุ่น",
    en="Print the JSON Schema of policy documents, with its version.",
    example="nakhon policy schema",
)
def schema(desk: Desk) -> None:
    from ledger.domain.policy_schema import schema_text

    desk.printer.raw(schema_text())


def _row(change: "Change") -> dict[str, Any]:
    row: dict[str, Any] = {"rule": change.rule}
    for key in ("was", "now", "helps", "hurts"):
        pairs: tuple[Pair, ...] = getattr(change, key)
        row |= {f"{key}_th": [th for th, _ in pairs], f"{key}_en": [en for _, en in pairs]}
    return row


def _in_words(row: dict[str, Any], language: Language) -> dict[str, Any]:
    wanted = ("th", "en") if language is Language.BOTH else (str(language),)
    told: dict[str, Any] = {"rule": row["rule"]}
    for key in ("was", "now", "helps", "hurts"):
        joint = ", " if key in ("helps", "hurts") else " · "
        told[key] = " / ".join(
            joint.join(row[f"{key}_{one}"]) for one in wanted if row[f"{key}_{one}"]
        )
    return told
