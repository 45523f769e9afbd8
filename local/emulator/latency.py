"""Makes the calls of functions take as long as they do on AWS, where nothing is on the same machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from local.emulator.observation import App

OF_A_ROLE: Final = b"Credential=ASIA"  # functions sign with temporary keys


def delayed(app: App, seconds: float) -> App:
    if not seconds:
        return app

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and OF_A_ROLE in dict(scope["headers"]).get(b"authorization", b""):
            await asyncio.sleep(seconds)
        await app(scope, receive, send)

    return application
