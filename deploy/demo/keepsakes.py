"""What the demo leaves for whoever wants to try: an open campaign, two keyfiles, an environment."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from deploy.demo.city import City
from deploy.demo.people import real_shops, residents
from deploy.demo.telling import Telling
from deploy.demo.town_hall import SHOPS_FILE, settle
from ledger.chain.signer import keyfile_of
from ledger.services.runtime import Runtime
from wallet_cli.embedded import write_environment
from wallet_cli.files import write_private

VISITOR: Final = 499
PASSWORD: Final = "mae hia lunch"
FUNDS: Final = 100_000
DAYS: Final = 30
BANGKOK: Final = timezone(timedelta(hours=7))


def open_for_visitors(city: City, tell: Telling) -> None:
    """A fresh campaign for everyone, open now, and the keys of one resident and of shop 1."""
    begins = datetime.fromtimestamp(city.now(), UTC).astimezone(BANGKOK)
    begins = begins.replace(minute=0, second=0, microsecond=0)
    policy = {
        "version": 1,
        "name": {"th": "ลองใช้ดู: เมืองช่วยครึ่ง", "en": "Try it: the city pays half"},
        "window": {
            "starts": begins.isoformat(),
            "ends": (begins + timedelta(days=DAYS)).isoformat(),
        },
        "hours": {"every_day": ["00:00", "24:00"]},
        "share_basis_points": 5_000,
        "allowance": "50000",
        "per_day_max": "20000",
        "audience": ["resident"],
        "categories": ["restaurant"],
        "districts": "any",
        "same_district": False,
        "issue": "everyone",
    }
    officer, treasurer = city.office("campaign_officer"), city.office("treasurer")
    campaign = int(settle(officer, officer.post("/v1/campaigns", {"policy": policy}))["campaign"])
    body = {"to": city.signer_address("treasurer"), "amount": str(FUNDS), "reference": "visitors"}
    settle(treasurer, treasurer.post("/v1/tokens/mint", body))
    body = {"amount": str(FUNDS), "funder": "treasurer"}
    settle(treasurer, treasurer.post(f"/v1/campaigns/{campaign}/fund", body))
    for office, step in (("approver", "approve"), ("issuer", "issue")):
        client = city.office(office)
        settle(client, client.post(f"/v1/campaigns/{campaign}/{step}"))
    home = city.runtime.settings.home
    people = {
        "resident": residents()[VISITOR].private_key,
        "shop": real_shops(SHOPS_FILE)[0].private_key,
    }
    for name, key in people.items():
        write_private(home / f"{name}.json", keyfile_of(key, PASSWORD))
    write_private(home / "password", f"{PASSWORD}\n".encode())
    tell.fact(
        f"เปิดโครงการ {campaign} ให้ลองใช้ กุญแจอยู่ใน {home}",
        f"campaign {campaign} is open for you; keys lie in that folder",
    )


def write_environment_of_demo(runtime: Runtime, api_url: str) -> Path:
    """The file to source: which city, whose password, where `nakhon` lies."""
    path = write_environment(runtime, api_url)
    home = runtime.settings.home.resolve()
    more = {
        "NAKHON_PASSWORD_FILE": str(home / "password"),
        "PATH": f"{Path(sys.executable).parent}:$PATH",
    }
    lines = path.read_text("utf-8") + "".join(f'export {n}="{v}"\n' for n, v in more.items())
    path.write_text(lines, "utf-8")
    return path
