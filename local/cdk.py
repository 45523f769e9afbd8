"""Installs the CDK CLI next to the virtual environment's node, and runs it against a local AWS."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from local.emulator.settings import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from local.emulator.process import LocalAws

ROOT: Final = Path(__file__).resolve().parents[1]
CLI: Final = (
    "aws-cdk@2.1148.1"  # the tag `latest` names an older build that refuses this library's assemblies
)
MAIN_STACK: Final = "AccessKeyRemediator"
CLI_HOME: Final = Path(sys.prefix) / "cdk"
COMMAND_SECONDS: Final = 900
LOG_TAIL_LINES: Final = 40


class CdkError(Exception):
    """A CDK command failed; the message has the end of its output."""


@dataclass(frozen=True)
class Cdk:
    """`region` is the app's main region, by default that of the server's sessions.

    `assemblies` is a directory where each configuration is synthesized once, for a caller that deploys the
    same sources several times.
    """

    aws: LocalAws
    app: Path = ROOT
    region: str | None = None
    main_stack: str = MAIN_STACK
    assemblies: Path | None = None

    def deploy(self, config: Mapping[str, Any] | None = None) -> dict[str, str]:
        """Deploys every stack in every region and returns their outputs by key.

        If two stacks have the same output key, the main stack's output is returned.
        """
        install_cli()
        with ThreadPoolExecutor() as both:  # neither needs the other, and each takes seconds
            synthesized = both.submit(self._synthesized, config)
            bootstrapped = both.submit(self._bootstrap, [self._main_region])
        bootstrapped.result()
        assembly = synthesized.result()
        self._bootstrap(stack_regions(assembly))
        outputs = self.aws.state / "cdk-outputs.json"
        self._run(
            "deploy",
            "--all",
            "--require-approval",
            "never",
            "--outputs-file",
            str(outputs),
            "--app",
            str(assembly),
        )
        stacks: dict[str, dict[str, str]] = json.loads(outputs.read_text())
        return merge_outputs(stacks, self.main_stack)

    def diff(self, config: Mapping[str, Any] | None = None) -> str:
        install_cli()
        return self._run("diff", "--app", str(self._synthesized(config)))

    @property
    def _main_region(self) -> str:
        return self.region or self.aws.region

    def _synthesized(self, config: Mapping[str, Any] | None) -> Path:
        if self.assemblies is None:
            return self._synth(config)
        named = hashlib.sha256(json.dumps([self._main_region, config], sort_keys=True).encode())
        assembly = self.assemblies / named.hexdigest()
        self.assemblies.mkdir(exist_ok=True)
        with locked(assembly.with_suffix(".lock")):
            return assembly if assembly.exists() else self._synth(config).rename(assembly)

    def _synth(self, config: Mapping[str, Any] | None) -> Path:
        assembly = self.aws.state / "cdk.out"
        context = [] if config is None else ["--context", f"access-key-remediator={json.dumps(config)}"]
        self._run("synth", "--quiet", "--output", str(assembly), *context)
        return assembly

    def _bootstrap(self, regions: Iterable[str]) -> None:
        missing = [f"aws://{ACCOUNT}/{region}" for region in regions if not self._has_toolkit(region)]
        if missing:
            self._run("bootstrap", *missing, directory=self.aws.state)  # no app is needed

    def _has_toolkit(self, region: str) -> bool:
        try:
            self.aws.session(region=region).client("cloudformation").describe_stacks(StackName="CDKToolkit")
        except ClientError:
            return False
        return True

    def _run(self, command: str, *arguments: str, directory: Path | None = None) -> str:
        cli = [str(CLI_HOME / "node_modules/.bin/cdk"), command, *arguments, "--no-notices", "--no-color"]
        log = self.aws.state / f"cdk-{command}.log"
        return run(cli, directory or self.app, _environment(self.aws, self._main_region), log)


def stack_environments(assembly: Path) -> dict[str, str]:
    """The environment of each of the assembly's stacks, `aws://<account>/<region>`, by the stack's name."""
    artifacts: dict[str, dict[str, str]] = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    return {
        name: artifact["environment"]
        for name, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }


def stack_regions(assembly: Path) -> list[str]:
    """The regions of the stacks, except for a stack in the CLI's own region."""
    regions = {environment.rpartition("/")[2] for environment in stack_environments(assembly).values()}
    return sorted(regions - {"unknown-region"})


def merge_outputs(stacks: Mapping[str, Mapping[str, str]], main_stack: str) -> dict[str, str]:
    main_last = sorted(stacks, key=lambda name: (name == main_stack, name))
    return {key: value for name in main_last for key, value in stacks[name].items()}


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install_cli() -> None:
    CLI_HOME.mkdir(parents=True, exist_ok=True)
    with locked(CLI_HOME / "install.lock"):  # a demo and a `make up` may come here at once
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


def _environment(aws: LocalAws, region: str) -> dict[str, str]:
    return {
        **_clean_environment(),
        **aws.environment(region),
        "AWS_REGION": region,
        "CDK_DEFAULT_REGION": region,
        "NODE_EXTRA_CA_CERTS": str(aws.ca_bundle),
        "NO_PROXY": "localhost",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }


def _clean_environment() -> dict[str, str]:
    """The developer's environment without AWS settings, and with the virtual environment first in PATH."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    return {**kept, "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ.get('PATH', os.defpath)}"}
