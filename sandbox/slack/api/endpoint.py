"""The HTTP side of the Web API: arguments in, token checked, fault injected, call recorded, answer out."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.slack.api import chat, rooms, surfaces, team
from sandbox.slack.api.call import Call, Method
from sandbox.slack.dropping import drop
from sandbox.slack.engine import Engine
from sandbox.slack.errors import SlackError
from sandbox.slack.faults import InjectedFault
from sandbox.slack.journal import Call as Recorded
from sandbox.slack.workspace import Token

METHODS: Mapping[str, Method] = {**team.METHODS, **rooms.METHODS, **chat.METHODS, **surfaces.METHODS}
HTTP_OK, HTTP_TOO_MANY, HTTP_BROKEN = 200, 429, 500


async def _arguments(request: Request) -> dict[str, Any]:
    """Arguments from the query, a form or JSON. Raises SlackError invalid_json, json_not_object."""
    arguments: dict[str, Any] = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        arguments |= _json(await request.body())
    elif request.method == "POST":
        async with request.form() as form:
            arguments |= {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
    return {name: value for name, value in arguments.items() if value is not None}


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(parsed, dict):
        raise SlackError("json_not_object")
    return parsed


class WebApi:
    """Answers ``/api/{method}``, uploads and response URLs for one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def call(self, request: Request) -> Response:
        name, arguments = request.path_params["method"], {}
        try:
            arguments = await _arguments(request)
            fault = self._engine.faults.take(name, "*", channel=str(arguments.get("channel", "")))
            answer, status = self._refused(fault) or self._answered(name, arguments, request)
        except SlackError as error:
            fault, answer, status = None, error.answer(), HTTP_OK
        self._record(name, arguments, status, fault.kind if fault else answer.get("error"))
        return await _with_fault(request, fault, self._response(answer, status))

    def _refused(self, fault: InjectedFault | None) -> tuple[dict[str, Any], int] | None:
        """The answer of a fault that keeps the call from being applied."""
        match fault.kind if fault else None:
            case "429":
                return {"ok": False, "error": "ratelimited", "retry_after": fault.retry_after if fault else 1}, 429
            case "500":
                return {"ok": False, "error": "internal_error"}, HTTP_BROKEN
            case "error":
                return {"ok": False, "error": fault.code if fault else ""}, HTTP_OK
        return None

    def _answered(self, name: str, arguments: dict[str, Any], request: Request) -> tuple[dict[str, Any], int]:
        try:
            method, token = self._permitted(name, arguments, request)
            wait = self._engine.limits.retry_after(name, method.tier, str(arguments.get("channel", "")))
            if wait is not None:
                return {"ok": False, "error": "ratelimited", "retry_after": wait}, HTTP_TOO_MANY
            return {"ok": True, **method.run(Call(self._engine, token, arguments))}, HTTP_OK
        except SlackError as error:
            return error.answer(), HTTP_OK

    def _permitted(self, name: str, arguments: dict[str, Any], request: Request) -> tuple[Method, Token]:
        """Raises SlackError: not_authed, invalid_auth, unknown_method, not_allowed_token_type, missing_scope."""
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        value = bearer or str(arguments.pop("token", ""))
        arguments.pop("token", None)
        if not value:
            raise SlackError("not_authed")
        token = self._engine.workspace.app.tokens.get(value)
        if token is None:
            raise SlackError("invalid_auth")
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if method.token not in {"any", token.kind}:
            raise SlackError("not_allowed_token_type")
        Call(self._engine, token, arguments).need(*method.scopes)
        return method, token

    def _response(self, answer: dict[str, Any], status: int) -> Response:
        headers = {"x-oauth-scopes": ",".join(sorted(self._engine.workspace.app.scopes))}
        if status == HTTP_TOO_MANY:
            headers["retry-after"] = str(answer.pop("retry_after"))
        return JSONResponse(answer, status, headers)

    def _record(self, name: str, arguments: dict[str, Any], status: int, error: str | None) -> None:
        shown = {key: _readable(value) for key, value in arguments.items() if key != "token"}
        now = self._engine.workspace.clock.now()
        self._engine.journal.calls.append(Recorded(now, name, shown, status, error))

    async def upload(self, request: Request) -> Response:
        """The bytes of a file, raw or as the first file of a form."""
        file = self._engine.workspace.files.get(request.path_params["file_id"])
        content = await _content(request)
        fault = self._engine.faults.take("upload")
        if fault and fault.kind in {"429", "500"}:
            return PlainTextResponse("Please try again", int(fault.kind), {"retry-after": str(fault.retry_after)})
        if file is None or file.content is not None or len(content) != file.length:
            return PlainTextResponse("upload refused: unknown file, already uploaded, or of another length", 400)
        file.content = content
        return await _with_fault(request, fault, PlainTextResponse(f"OK - {len(content)}"))

    async def download(self, request: Request) -> Response:
        """A file's bytes, as a download only, so that nothing uploaded ever runs in a page."""
        file = self._engine.workspace.files.get(request.path_params["file_id"])
        if file is None or file.content is None:
            return PlainTextResponse("file not found", 404)
        headers = {"content-disposition": "attachment", "x-content-type-options": "nosniff"}
        return Response(file.content, media_type="application/octet-stream", headers=headers)

    async def respond(self, request: Request) -> Response:
        """What the app posts to a response URL."""
        fault = self._engine.faults.take("response_url")
        if refused := self._refused(fault):
            return self._response(*refused)
        arguments, error = {}, None
        try:
            arguments = _json(await request.body())
            self._engine.responses.use(request.path_params["key"], arguments)
        except SlackError as refusal:
            error = refusal
        self._record("response_url", arguments, 404 if error else HTTP_OK, error.code if error else None)
        if error is not None:
            return JSONResponse(error.answer(), 404)
        return await _with_fault(request, fault, PlainTextResponse("ok"))


async def _content(request: Request) -> bytes:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form() as form:
            uploads = [value for value in form.values() if isinstance(value, UploadFile)]
            return await uploads[0].read() if uploads else b""
    return await request.body()


def _readable(value: Any) -> Any:
    """JSON arguments in the journal as what they mean."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return value


async def _with_fault(request: Request, fault: InjectedFault | None, response: Response) -> Response:
    if fault and fault.kind == "late_reply":
        await asyncio.sleep(fault.seconds)
    if fault and fault.kind == "lost_reply":
        return await drop(request)
    return response


def api_routes(engine: Engine) -> list[Route]:
    """The routes of the Web API, uploads and response URLs."""
    api = WebApi(engine)
    return [
        Route("/api/{method}", api.call, methods=["GET", "POST"]),
        Route("/upload/{file_id}", api.upload, methods=["POST"]),
        Route("/files/{file_id}/{name}", api.download, methods=["GET"]),
        Route("/respond/{team}/{key}", api.respond, methods=["POST"]),
    ]
