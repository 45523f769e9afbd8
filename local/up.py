"""`make up`: a local AWS with the stack deployed. Called again, it deploys to the same server.

LOCAL_AWS_PORT chooses the port of a new server, and CONFIG a file with the configuration.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from local.cdk import ROOT, Cdk, CdkError
from local.emulator.process import LocalAwsError, running, start
from local.emulator.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from local.emulator.process import LocalAws

HOME: Final = ROOT / ".local"
STATE: Final = HOME / "aws"
DEFAULT_PORT: Final = 4566
MAX_PORT: Final = 65535


def main() -> int:
    try:
        port, config = _port(os.environ.get("LOCAL_AWS_PORT")), _config(os.environ.get("CONFIG"))
        settings = Settings.from_env(os.environ)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        aws = up(port, config, settings)
    except (LocalAwsError, CdkError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(f"The stack is ready on {aws.endpoint_url}, account {aws.account}.")
    print("  to call it:     source .local/env   (it also sets the outputs, such as $AlertTopicArn)")
    print("  to stop it:     make down")
    return 0


def up(port: int | None, config: dict[str, Any] | None, settings: Settings) -> LocalAws:
    """Without a port, the server that is running is used, whatever its port."""
    aws = use_server(port, settings)
    write_environment(aws.environment(), HOME / "env")
    with step("Deploying the stack"):
        outputs = Cdk(aws).deploy(config)
    write_environment(aws.environment() | outputs, HOME / "env")
    (HOME / "outputs.json").write_text(json.dumps(outputs, indent=2, sort_keys=True) + "\n")
    return aws


def use_server(port: int | None, settings: Settings) -> LocalAws:
    aws = running(STATE)
    if aws and aws.is_healthy():
        if port not in {None, aws.port}:
            raise LocalAwsError(
                f"A local AWS already runs on port {aws.port}, not {port}. "
                "Unset LOCAL_AWS_PORT to use it, or stop it first: make down"
            )
        print(f"The local AWS already runs on {aws.endpoint_url}.")
        return aws
    if aws:
        print(f"Stopping the local AWS on {aws.endpoint_url}, which does not respond.")
        aws.stop()
    port = port or DEFAULT_PORT
    with step(f"Starting the local AWS on https://localhost:{port}"):
        return start(STATE, port, settings)


def write_environment(environment: Mapping[str, str], path: Path) -> None:
    """Writes a file for a shell to source. Only its owner may read it, as it has the key."""
    exports = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    path.touch(mode=0o600)
    path.write_text("\n".join(exports) + "\n")


@contextmanager
def step(what: str) -> Iterator[None]:
    print(f"{what} ... ", end="", flush=True)
    began = time.monotonic()
    yield
    print(f"ready in {time.monotonic() - began:.1f} s")


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isdecimal() and text.isascii() and 1 <= int(text) <= MAX_PORT):
        raise ValueError(f"LOCAL_AWS_PORT is a number from 1 to {MAX_PORT}, not {text!r}")
    return int(text)


def _config(path: str | None) -> dict[str, Any] | None:
    if not path:
        return None
    try:
        config: dict[str, Any] = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"CONFIG={path} cannot be read as JSON: {error}") from error
    return config


if __name__ == "__main__":
    sys.exit(main())
