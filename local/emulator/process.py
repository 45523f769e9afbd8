"""Starts, finds and stops a local AWS, which listens on loopback only and has its own state directory."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import ssl
import time
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.client import HTTPSConnection
from typing import TYPE_CHECKING, Final

from local.emulator import administrator
from local.emulator.certificate import write_certificate
from local.emulator.key_ids import key_id
from local.emulator.launch import free_port, is_taken, spawn
from local.emulator.session import LocalSession
from local.emulator.settings import ACCOUNT, REGION, Settings
from local.emulator.state_lock import await_release, lock

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    import boto3

START_SECONDS: Final = 60
HEALTH_SECONDS: Final = 5
STOP_SECONDS: Final = 10
LOG_TAIL_LINES: Final = 30


class LocalAwsError(Exception):
    """The local AWS cannot do what was requested; the message has the reason."""


@dataclass(frozen=True)
class LocalAws:
    state: Path
    pid: int
    port: int
    access_key_id: str
    secret_access_key: str
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False, compare=False)
    region: str = REGION

    @property
    def account(self) -> str:
        return ACCOUNT

    @property
    def endpoint_url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def ca_bundle(self) -> Path:
        return self.state / "server.crt"

    @property
    def log(self) -> Path:
        return self.state / "server.log"

    def in_region(self, region: str) -> LocalAws:
        """The same server with another default region for its sessions and environment."""
        return replace(self, region=region)

    def environment(self, region: str | None = None) -> dict[str, str]:
        """The environment with which the AWS CLI, the SDKs and the CDK call this server as administrator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_CA_BUNDLE": str(self.ca_bundle),
            "AWS_DEFAULT_REGION": region or self.region,
        }

    def session(self, key: tuple[str, ...] | None = None, region: str | None = None) -> boto3.Session:
        """Of the administrator, or of another access key: its id, its secret, and a session token if any."""
        key = key or (self.access_key_id, self.secret_access_key)
        return LocalSession(self.endpoint_url, self.ca_bundle, key, region or self.region)

    def is_healthy(self) -> bool:
        """Only our server can respond: it alone has the private key of our certificate."""
        trust = ssl.create_default_context(cafile=str(self.ca_bundle))
        connection = HTTPSConnection("localhost", self.port, timeout=HEALTH_SECONDS, context=trust)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Ends the server and the Lambda workers it started, which share its process group."""
        if (unheld := lock(self.state)) is not None:
            unheld.close()
            return
        _kill_group(self.pid)  # all state is in memory, so there is nothing to save
        if self.child:
            self.child.wait(STOP_SECONDS)
        await_release(self.state)
        shutil.rmtree(self.state / "tmp", ignore_errors=True)
        (self.state / "server.json").unlink(missing_ok=True)


def start(state: Path, port: int | None = None, settings: Settings | None = None) -> LocalAws:
    """Starts a server and waits until it responds. Uses a free port unless one is given."""
    state = state.resolve()
    (state / "tmp").mkdir(parents=True, exist_ok=True)
    held = lock(state)
    if held is None:
        raise LocalAwsError(f"A local AWS already runs on the state in {state}.")
    with held:
        port = port or free_port()
        if is_taken(port):
            raise LocalAwsError(f"Port {port} is taken by another program; LOCAL_AWS_PORT chooses another.")
        key = (key_id("AKIA", ACCOUNT), secrets.token_urlsafe(30))
        if not (state / "server.crt").exists():
            write_certificate(state / "server.crt", state / "server.key")
        options = {**(settings or Settings()).to_env(), **administrator.environment(*key)}
        child = spawn(state, port, options, held)
    aws = LocalAws(state, child.pid, port, *key, child)
    _write_private(state / "server.json", {"pid": aws.pid, "port": port, "key": key})
    try:
        _await_readiness(aws, child)
    except BaseException:
        aws.stop()
        raise
    return aws


def running(state: Path) -> LocalAws | None:
    """The running server with this state directory, if any. It may not respond yet."""
    state = state.resolve()
    if not state.exists():
        return None
    if (unheld := lock(state)) is not None:
        unheld.close()
        return None
    known = json.loads((state / "server.json").read_text())
    return LocalAws(state, known["pid"], known["port"], *known["key"])


def _await_readiness(aws: LocalAws, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not aws.is_healthy():
        if child.poll() is not None:
            raise LocalAwsError(f"The local AWS ended while starting.\n{_tail(aws.log)}")
        if time.monotonic() > deadline:
            raise LocalAwsError(f"The local AWS was not ready after {START_SECONDS} s.\n{_tail(aws.log)}")
        time.sleep(0.05)


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join([f"The end of {log}:", *lines[-LOG_TAIL_LINES:]])


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _write_private(path: Path, document: object) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(document))
