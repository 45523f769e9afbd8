"""Starts the server's process with its own environment and process group."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from local.emulator.settings import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).resolve().parents[2]


def spawn(state: Path, port: int, options: Mapping[str, str], lock: IO[bytes]) -> subprocess.Popen[bytes]:
    """The process inherits the lock; its Lambda workers do not."""
    with (state / "server.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "local.emulator.server"],
            cwd=ROOT,
            env={**_environment(state, port), **options},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )


def _environment(state: Path, port: int) -> dict[str, str]:
    """The environment of the server and its Lambda functions, without anything of the developer's."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "HOME": str(state / "tmp"),
        "TMPDIR": str(state / "tmp"),
        "PYTHONUNBUFFERED": "1",
        "AUTH": "true",
        "USE_SSL": "1",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "MINISTACK_SSL_CERT": str(state / "server.crt"),
        "MINISTACK_SSL_KEY": str(state / "server.key"),
        "AWS_ENDPOINT_URL": f"https://localhost:{port}",
        "AWS_CA_BUNDLE": str(state / "server.crt"),
        "AWS_ACCESS_KEY_ID": ACCOUNT,  # root, which nobody uses
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(30),
        "AWS_DEFAULT_REGION": REGION,
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
