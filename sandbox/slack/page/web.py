"""HTTP manners: security headers, and no deeds for other sites."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
DEED_HEADER = "x-sandbox-page"


def html(text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(text, status, headers=HEADERS)


def told(answer: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(answer), status, headers=HEADERS, media_type="application/json")


def foreign(request: Request) -> bool:
    """Whether another site's page may be behind this request: those cannot send our header without asking first."""
    return (
        request.headers.get(DEED_HEADER) != "1" or request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
    )
