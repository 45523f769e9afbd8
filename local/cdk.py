"""The genuine CDK CLI against a local AWS: installed beside the virtual environment's node, then run."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from local.aws.settings import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local.aws.process import LocalAws

ROOT: Final = Path(__file__).resolve().parents[1]
CLI: Final = (
    "aws-cdk@2.1148.1"  # the tag `latest` names an older build that refuses this library's assemblies
)
CLI_HOME: Final = Path(sys.prefix) / "cdk"
COMMAND_SECONDS: Final = 900
LOG_TAIL_LINES: Final = 40


class CdkError(Exception):
    """A command of the CDK failed; the message carries the end of what it printed."""


@dataclass(frozen=True)
class Cdk:
    aws: LocalAws
    app: Path = ROOT

    def deploy(self, config: Mapping[str, Any] | None = None) -> dict[str, str]:
        """Deploys every stack; answers the outputs of all of them by their keys."""
        install_cli()
        with ThreadPoolExecutor() as both:  # neither needs the other, and each takes seconds
            steps = [both.submit(self._synth, config), both.submit(self._bootstrap)]
        for step in steps:
            step.result()
        outputs = self.aws.state / "cdk-outputs.json"
        self._run(
            "deploy",
            "--all",
            "--require-approval",
            "never",
            "--outputs-file",
            str(outputs),
            *self._synthesized,
        )
        stacks: dict[str, dict[str, str]] = json.loads(outputs.read_text())
        return {key: value for stack in stacks.values() for key, value in stack.items()}

    def diff(self, config: Mapping[str, Any] | None = None) -> str:
        install_cli()
        self._synth(config)
        return self._run("diff", *self._synthesized)

    @property
    def _assembly(self) -> Path:
        return self.aws.state / "cdk.out"

    @property
    def _synthesized(self) -> list[str]:
        return ["--app", str(self._assembly)]

    def _synth(self, config: Mapping[str, Any] | None) -> None:
        context = [] if config is None else ["--context", f"access-key-remediator={json.dumps(config)}"]
        self._run("synth", "--quiet", "--output", str(self._assembly), *context)

    def _bootstrap(self) -> None:
        if not self._has_toolkit():
            self._run("bootstrap", f"aws://{ACCOUNT}/{REGION}", directory=self.aws.state)  # no app is needed

    def _has_toolkit(self) -> bool:
        try:
            self.aws.session().client("cloudformation").describe_stacks(StackName="CDKToolkit")
        except ClientError:
            return False
        return True

    def _run(self, command: str, *arguments: str, directory: Path | None = None) -> str:
        cli = [str(CLI_HOME / "node_modules/.bin/cdk"), command, *arguments, "--no-notices", "--no-color"]
        log = self.aws.state / f"cdk-{command}.log"
        return run(cli, directory or self.app, _environment(self.aws), log)


def install_cli() -> None:
    CLI_HOME.mkdir(parents=True, exist_ok=True)
    with (CLI_HOME / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a demo and a `make up` may come here at once
        if not _has_cli():
            npm = [
                f"{sys.prefix}/bin/npm",
                "install",
                "--no-audit",
                "--no-fund",
                "--prefix",
                str(CLI_HOME),
                CLI,
            ]
            run(npm, CLI_HOME, _clean_environment(), CLI_HOME / "install.log")


def _has_cli() -> bool:
    manifest = CLI_HOME / "node_modules/aws-cdk/package.json"
    return manifest.exists() and CLI.endswith(f"@{json.loads(manifest.read_text())['version']}")


def run(command: Sequence[str], directory: Path, environment: Mapping[str, str], log: Path) -> str:
    with log.open("wb") as output:
        ended = subprocess.run(  # noqa: S603 - our own commands
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    text = log.read_text(errors="replace")
    if ended.returncode:
        tail = "\n".join(text.splitlines()[-LOG_TAIL_LINES:])
        raise CdkError(f"`{' '.join(command[:2])}` failed; the end of {log}:\n{tail}")
    return text


def _environment(aws: LocalAws) -> dict[str, str]:
    return {
        **_clean_environment(),
        **aws.environment(),
        "NODE_EXTRA_CA_CERTS": str(aws.ca_bundle),
        "NO_PROXY": "localhost",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }


def _clean_environment() -> dict[str, str]:
    """The developer's environment without AWS settings; the virtual environment's programs come first."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    return {**kept, "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ.get('PATH', os.defpath)}"}
