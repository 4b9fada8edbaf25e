"""After the end: what was not spent goes home, and somebody who trusts nobody checks it all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from deploy.demo.city import City
from deploy.demo.telling import Telling
from deploy.demo.till import StoryBroken, Till, expect
from deploy.demo.town_hall import Town, settle_all

AUDIT_SECONDS_MAX: Final = 120


def sweep(city: City, tell: Telling, town: Town, till: Till) -> None:
    """Every contribution gets its part of what is left, to the satang."""
    tell.chapter("ปิดบัญชี: คืนเงินที่เหลือให้ผู้สนับสนุน", "Closing: what is left returns to its funders")
    treasurer = city.office("treasurer")
    before = {name: city.balance(name) for name in ("treasurer", "partner")}
    both = (town.half, town.free)
    money = {each: till.client.get(f"/v1/campaigns/{each}")["money"] for each in both}
    settle_all(treasurer, [treasurer.post(f"/v1/campaigns/{each}/sweep") for each in both])
    city.wait_indexed()
    returned = 0
    for name, had in before.items():
        got = city.balance(name) - had
        returned += got
        tell.money(f"คืนให้ {name}", f"returned to {name}", got)
    funded = sum(int(each["funded"]) for each in money.values())
    spent = sum(int(each["spent"]) for each in money.values())
    tell.money("เงินเข้า", "funded", funded)
    tell.money("ใช้จริง จ่ายร้านค้าแล้ว", "spent: paid to the shops", spent)
    tell.money("ส่วนต่าง", "difference", funded - spent - returned)
    expect("funded = spent + returned", wanted=funded, found=spent + returned)
    for campaign in both:
        status = till.client.get(f"/v1/campaigns/{campaign}")["status"]
        expect(f"campaign {campaign}", wanted="closed", found=status)


def audit(city: City, tell: Telling) -> None:
    """The auditor's own command, in its own process: first the chain alone, then the index."""
    tell.chapter("ผู้ตรวจสอบ: เชื่อเฉพาะเชน", "The auditor: from the RPC address alone")
    _nakhon(city, tell, ("audit", "verify", "--rpc", city.rpc_url))
    _nakhon(city, tell, ("audit", "diff", "--rpc", city.rpc_url, "--index", city.database_url))


def _nakhon(city: City, tell: Telling, words: Sequence[str]) -> None:
    command = [sys.executable, "-m", "wallet_cli.main", *words, "--deployment", str(city.record)]
    tell.lines("$ nakhon " + " ".join(words))
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=AUDIT_SECONDS_MAX, check=False
    )
    tell.lines(done.stdout + done.stderr)
    if done.returncode != 0:
        raise StoryBroken(what="nakhon " + " ".join(words), wanted=0, found=done.returncode)
