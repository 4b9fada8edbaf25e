"""The faces of the city: pages that people use, and the files they are made of."""

from collections.abc import Callable
from functools import cache
from pathlib import Path as FilePath
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Cookie, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from api.assets import load_assets
from api.headers import ASSET_HEADERS, FACE_HEADERS
from api.sessions import RuntimeDep
from ledger.services.runtime import Runtime

WEB: Final = FilePath(__file__).resolve().parents[1] / "web"
NOT_KEPT: Final = (
    "vendor/barcode/",
    "hall",
    "public",
    "charts",
    "desk",
    "verify_receipt",
)
"""What a phone does not keep for times without a signal: the camera's reader is large, and the
desks of the city hall and of the public need the net."""

LANGUAGE_COOKIE: Final = "lang"
YEAR_SECONDS: Final = 31_536_000

Language = Literal["th", "en"]
Wanted = Annotated[Language | None, "the language asked for in the address"]

router = APIRouter(include_in_schema=False)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(WEB / "templates"), autoescape=True, undefined=StrictUndefined
    )


def _chooser(language: Language) -> Callable[[str, str], str]:
    def choose(th: str, en: str) -> str:
        return th if language == "th" else en

    return choose


@cache
def _needs(program: str) -> tuple[str, ...]:
    return load_assets().needs(program)


def render_face(
    runtime: Runtime,
    name: str,
    path: str,
    *,
    asked: Language | None,
    kept: str | None,
    large: bool = False,
) -> Response:
    """A page in the language asked for, else the one chosen before, else Thai."""
    chosen: Language = asked or ("en" if kept == "en" else "th")
    assets = load_assets()
    template = _templates().get_template(name if assets.complete else "unprepared.html")
    program = FilePath(name).with_suffix(".js").name
    text = template.render(
        lang=chosen,
        t=_chooser(chosen),
        other="en" if chosen == "th" else "th",
        path=path,
        city={"th": runtime.settings.city_th, "en": runtime.settings.city_en}[chosen],
        asset=assets.address,
        program=program,
        needs=_needs(program) if assets.complete else (),
        version=assets.version,
        large=large,
    )
    answer = HTMLResponse(text, 200 if assets.complete else 503, headers=FACE_HEADERS)
    if asked is not None:
        answer.set_cookie(LANGUAGE_COOKIE, asked, max_age=YEAR_SECONDS, samesite="lax")
    return answer


Kept = Annotated[str | None, Cookie(alias=LANGUAGE_COOKIE)]
Letters = Annotated[str | None, Cookie(description="`large`: chosen in the wallet")]


@router.get("/wallet")
async def read_wallet(
    runtime: RuntimeDep,
    kept: Kept = None,
    letters: Letters = None,
    lang: Language | None = None,
) -> Response:
    """The resident's face: coupons, paying, presenting, history."""
    large = letters == "large"
    return render_face(runtime, "wallet.html", "/wallet", asked=lang, kept=kept, large=large)


@router.get("/shop")
async def read_shop(
    runtime: RuntimeDep,
    kept: Kept = None,
    letters: Letters = None,
    lang: Language | None = None,
) -> Response:
    """The shop's face: charging, scanning, the day's takings, cashiers, payments, voids."""
    large = letters == "large"
    return render_face(runtime, "shop.html", "/shop", asked=lang, kept=kept, large=large)


@router.get("/assets/{version}/{path:path}")
async def read_asset(request: Request, version: str, path: str) -> Response:
    """A file of the pages, for good: another version has another address."""
    assets = load_assets()
    asset = assets.files.get(path)
    if version != assets.version or asset is None:
        raise HTTPException(404)
    headers, body = dict(ASSET_HEADERS), asset.body
    if asset.packable and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = asset.packed, "gzip"
    return Response(body, headers=headers, media_type=asset.media_type)


@router.get("/service-worker.js")
async def read_service_worker() -> Response:
    """Keeps the pages on the phone. It names the files of its version, so a new one replaces it."""
    assets = load_assets()
    shell = [assets.address(name) for name in assets.files if not name.startswith(NOT_KEPT)]
    text = _templates().get_template("service-worker.js").render(
        version=assets.version, shell=orjson.dumps(shell).decode()
    )  # fmt: skip
    return Response(text, headers=FACE_HEADERS, media_type="text/javascript; charset=utf-8")


@router.get("/manifest.webmanifest")
async def read_manifest(runtime: RuntimeDep) -> Response:
    """What makes the wallet a program of the phone."""
    assets = load_assets()
    manifest: dict[str, Any] = {
        "name": f"กระเป๋าคูปอง {runtime.settings.city_th}",
        "short_name": "คูปองเมือง",
        "lang": "th",
        "id": "/wallet",
        "start_url": "/wallet",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0b6b5c",
        "icons": [
            {"src": assets.address("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        ],
    }
    return Response(orjson.dumps(manifest), media_type="application/manifest+json")
