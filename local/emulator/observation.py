"""Passes every call with its response to the gap fills, after the response was sent."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import parse_qs

from ministack.core.sigv4 import decode_header_value

from local.emulator.calls import Answer, Call
from local.emulator.identity import signer_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Observer: TypeAlias = Callable[[Call, Answer], None]
    App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]

KEPT_BYTES: Final = 64 * 1024  # enough for any error answer and any IAM call

logger = logging.getLogger("observation")


class Tee:
    """Sits between the server and the application and records the start of each body."""

    def __init__(self, receive: Any, send: Any) -> None:
        self._receive, self._send = receive, send
        self.request = bytearray()
        self.response = bytearray()
        self.start: dict[str, Any] = {}

    async def receive(self) -> Any:
        message = await self._receive()
        self.request += message.get("body", b"")[: KEPT_BYTES - len(self.request)]
        return message

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        self.response += message.get("body", b"")[: KEPT_BYTES - len(self.response)]
        await self._send(message)


def observed(app: App, observers: Sequence[Observer]) -> App:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_"):
            await app(scope, receive, send)
            return
        headers = _texts(scope["headers"])
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        signer = signer_of(headers, query)  # now: the call itself may delete the key
        tee = Tee(receive, send)
        await app(scope, tee.receive, tee.send)
        if tee.start:
            source = (scope.get("client") or ("127.0.0.1",))[0]
            call = Call(scope["method"], scope["path"], query, headers, bytes(tee.request), source, signer)
            answer = Answer(tee.start["status"], _texts(tee.start["headers"]), bytes(tee.response))
            _notify(observers, call, answer)

    return application


def _texts(headers: Any) -> dict[str, str]:
    return {name.decode("latin-1").lower(): decode_header_value(value) for name, value in headers}


def _notify(observers: Sequence[Observer], call: Call, answer: Answer) -> None:
    for observer in observers:
        try:
            observer(call, answer)
        except Exception:
            logger.exception("%s %s was not observed", call.method, call.path)
