"""The morning after: who is reminded, and what a stricter draft would have done to yesterday."""

from __future__ import annotations

from typing import Final

from deploy.demo.city import City
from deploy.demo.telling import Telling
from deploy.demo.till import expect
from deploy.demo.town_hall import Town

DEADLINE_DAYS: Final = 14
DRAFT_DAY_MAX: Final = 10_000


def plan(city: City, tell: Telling, town: Town) -> None:
    """Nothing of the ledger changes here: messages are queued, a draft is tried on the past."""
    tell.chapter(
        "วันรุ่งขึ้น: เตือนก่อนหมดสิทธิ์ และลองร่างนโยบายกับข้อมูลจริง",
        "The next morning: reminders before the deadline, and a draft tried on what happened",
    )
    _remind(city, tell, town)
    _replay(city, tell, town)


def _remind(city: City, tell: Telling, town: Town) -> None:
    officer = city.office("campaign_officer")
    path, wanted = f"/v1/campaigns/{town.half}/remind", {"days": DEADLINE_DAYS}
    first = officer.post(path, wanted)
    again = officer.post(path, wanted)
    expect("reminders queued a second time", wanted=0, found=int(again["queued"]))
    text = officer.get("/v1/messages?status=waiting&limit=1")["items"][0]
    tell.fact(
        f"เตือน {first['queued']} คนที่ยังไม่เคยใช้: “{text['th']}” ({len(text['th'])} ตัวอักษร)",
        f"{first['queued']} people who never used it are reminded: “{text['en']}”",
    )


def _replay(city: City, tell: Telling, town: Town) -> None:
    officer = city.office("campaign_officer")
    policy = officer.get(f"/v1/campaigns/{town.half}")["policy"]
    draft = {**policy, "per_day_max": str(DRAFT_DAY_MAX)}
    report, again = (officer.post("/v1/policies/replay", {"policy": draft}) for _ in range(2))
    expect("the same draft tried again", wanted=report, found=again)
    totals = report["totals"]
    real, offered = totals["real"], totals["offered"]
    tell.fact(
        f"ถ้าวันละไม่เกิน 100 บาท: จาก {real['redemptions']} รายการเมื่อวาน "
        f"{offered['given_less']} รายการจะได้น้อยลง {offered['refused']} รายการจะไม่ได้เลย",
        f"at 100 baht a day, of yesterday's {real['redemptions']} redemptions "
        f"{offered['given_less']} would get less and {offered['refused']} nothing",
    )
    tell.money("เมืองจ่ายจริง", "the city paid", int(real["cost"]))
    tell.money("ตามร่าง จะจ่าย", "under the draft it would have paid", int(offered["cost"]))
