"""What the server answers beside the pages, without running a script: what phones ask of a room, once a second.

    GET  room/CODE?phone=…&known=…   200 and what is told, 204 if nothing has changed
    POST room/CODE/answer            {"phone", "question", "choice"}: 200 and what is told
    POST room/CODE/lead              {"key", "address", "head"}: 200 and what is told, with the tally

A refusal is `{"error": sentence}`. What is posted must be JSON and say so, which a browser does for a page from
elsewhere only after asking (CORS), and no answer allows it. Wrong codes are counted by the address that the connection
comes from: behind a proxy that is the proxy's, for everybody, since what a header says of it may be made up.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.config import get_option

from core.rooms import MOST_ADDRESS, ROOMS, FullError, NoRoomError, NotTheLeaderError, TooManyTriesError


class TooLargeError(ValueError):
    """More was posted than is read."""


MOST_BYTES = 2 * MOST_ADDRESS  # of what is posted
STATUS: dict[type[Exception], int] = {
    NoRoomError: 404, NotTheLeaderError: 403, TooManyTriesError: 429, FullError: 503, TooLargeError: 413,
    ValueError: 400}
_PLAIN = {"Cache-Control": "no-store"}


def _refusing(answer: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The same with a sentence in place of what is raised."""
    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except tuple(STATUS) as error:
            status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
            return JSONResponse({"error": str(error)}, status, _PLAIN)

    return answered


async def _posted(request: Request) -> dict[str, Any]:
    """The JSON object that was posted.

    Raises:
        ValueError: it is none. TooLargeError: it has more than MOST_BYTES; the rest is not read.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise ValueError("What is posted must be application/json. Received: another kind.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise TooLargeError(f"What is posted must have at most {MOST_BYTES} bytes. Received: more.")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueError("What is posted must be a JSON object. Received: something else.")
    return found


def _network(request: Request) -> str:
    return request.client.host if request.client else ""


@_refusing
async def _look(request: Request) -> Response:
    known = request.query_params.get("known", "")
    told = ROOMS.look(request.path_params["code"], request.query_params.get("phone", ""),
                      int(known) if known.isascii() and known.isdigit() and len(known) < 12 else None,
                      _network(request))
    return Response(status_code=204, headers=_PLAIN) if told is None else JSONResponse(told, headers=_PLAIN)


@_refusing
async def _answer(request: Request) -> Response:
    said = await _posted(request)
    return JSONResponse(ROOMS.answer(request.path_params["code"], said.get("phone", ""), said.get("question", -1),
                                     said.get("choice", -1), _network(request)), headers=_PLAIN)


@_refusing
async def _lead(request: Request) -> Response:
    said = await _posted(request)
    head = said.get("head")
    if head is not None and not isinstance(head, dict):
        raise ValueError("head must be a JSON object. Received: something else.")
    # In a thread: a room that a restart has lost is opened again, and its code takes 50 ms.
    return JSONResponse(await run_in_threadpool(ROOMS.lead, request.path_params["code"], said.get("key", ""),
                                                said.get("address"), head, _network(request)), headers=_PLAIN)


def routes() -> list[Route]:
    """The routes, below the server's `baseUrlPath`."""
    ROOMS.served = True
    base = (get_option("server.baseUrlPath") or "").strip("/")
    place = f"{'/' if base else ''}{base}/room/{{code}}"
    return [Route(place, _look, methods=["GET"]), Route(f"{place}/answer", _answer, methods=["POST"]),
            Route(f"{place}/lead", _lead, methods=["POST"])]
