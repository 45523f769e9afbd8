"""`make up`: a local AWS with the stack deployed. Called again, it deploys to the same server."""

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
    from collections.abc import Iterator

    from local.emulator.process import LocalAws

HOME: Final = ROOT / ".local"
STATE: Final = HOME / "aws"
DEFAULT_PORT: Final = 4566


def main() -> int:
    try:
        aws = up(int(os.environ.get("LOCAL_AWS_PORT") or DEFAULT_PORT), _config(os.environ.get("CONFIG")))
    except (LocalAwsError, CdkError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(f"The stack is ready on {aws.endpoint_url}, account {aws.account}.")
    print("  its outputs:    .local/outputs.json")
    print("  to call it:     source .local/env")
    print("  to stop it:     make down")
    return 0


def up(port: int, config: dict[str, Any] | None) -> LocalAws:
    aws = _server(port)
    write_environment(aws, HOME / "env")
    with step("Deploying the stack"):
        outputs = Cdk(aws).deploy(config)
    (HOME / "outputs.json").write_text(json.dumps(outputs, indent=2, sort_keys=True) + "\n")
    return aws


def _server(port: int) -> LocalAws:
    aws = running(STATE)
    if aws and aws.port == port and aws.is_healthy():
        print(f"The local AWS already runs on {aws.endpoint_url}.")
        return aws
    if aws:
        print(f"Stopping the local AWS on {aws.endpoint_url}: it is on another port or does not respond.")
        aws.stop()
    with step(f"Starting the local AWS on https://localhost:{port}"):
        return start(STATE, port, Settings.from_env(os.environ))


def write_environment(aws: LocalAws, path: Path) -> None:
    """Writes a file for a shell to source. Only its owner may read it, as it has the key."""
    exports = [f"export {name}={shlex.quote(value)}" for name, value in aws.environment().items()]
    path.touch(mode=0o600)
    path.write_text("\n".join(exports) + "\n")


@contextmanager
def step(what: str) -> Iterator[None]:
    print(f"{what} ... ", end="", flush=True)
    began = time.monotonic()
    yield
    print(f"ready in {time.monotonic() - began:.1f} s")


def _config(path: str | None) -> dict[str, Any] | None:
    if not path:
        return None
    try:
        config: dict[str, Any] = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise SystemExit(f"CONFIG={path} cannot be read as JSON: {error}") from error
    return config


if __name__ == "__main__":
    sys.exit(main())
