from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from local.emulator.latency import delayed

SECONDS = 0.05


@pytest.mark.parametrize(("key", "waits"), [(b"ASIAQ3EGQTCZL", True), (b"AKIAQ3EGQTCZL", False)])
def test_the_calls_of_roles_alone_take_longer(*, key: bytes, waits: bool) -> None:
    scope = {"type": "http", "headers": [(b"authorization", b"AWS4-HMAC-SHA256 Credential=" + key)]}
    began = time.monotonic()
    asyncio.run(call(scope))
    assert (time.monotonic() - began >= SECONDS) == waits


async def call(scope: Any) -> None:
    await delayed(at_once, SECONDS)(scope, None, None)


async def at_once(scope: Any, receive: Any, send: Any) -> None:
    pass
