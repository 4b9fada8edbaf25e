"""Headers every answer carries: a browser may do nothing with it that we did not mean."""

import base64
import hashlib
from typing import Final

PAGE_STYLE: Final = (
    "body{font-family:Sarabun,'Noto Sans Thai',system-ui,sans-serif;line-height:1.7;margin:0 auto;"
    "max-width:42rem;padding:1.5rem;color:#16202a;background:#fff}"
    "h1{font-size:1.5rem;line-height:1.4}code{overflow-wrap:anywhere}"
    "section{border-left:.3rem solid #0b6b5c;margin:1.5rem 0;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{padding:.25rem .75rem .25rem 0;text-align:left;"
    "vertical-align:top}.en{color:#44515e}"
)
"""The style of our few pages: inline, and allowed by its hash alone."""


def _source(style: str) -> str:
    digest = hashlib.sha256(style.encode()).digest()
    return "'sha256-" + base64.b64encode(digest).decode() + "'"


CONTENT_SECURITY_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        f"style-src {_source(PAGE_STYLE)}",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)

SECURITY_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}

ASSET_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "public, max-age=31536000, immutable",
    "vary": "accept-encoding",
}
"""Of a file of the pages: kept for good, and powerless where it is opened by itself. Short, since a
page asks for dozens."""

_FACE_SOURCES: Final = {
    "default-src": "'none'",
    # The reader of QR pictures is compiled WebAssembly; nothing else may be evaluated.
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self' blob: data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}

FACE_HEADERS: Final = {
    "content-security-policy": "; ".join(f"{name} {s}" for name, s in _FACE_SOURCES.items()),
    "permissions-policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
}
"""Of the pages with programs of their own: these may ask for the camera and, where the rules of a
campaign need it, for the place."""
