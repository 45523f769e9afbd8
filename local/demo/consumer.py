"""Runs the documented example application in a process that is never restarted."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Final

from local.cdk import ROOT
from local.demo.automation import role_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.demo.enrolment import EnrolledUser
    from local.emulator.process import LocalAws

EXAMPLE: Final = ROOT / "docs" / "examples" / "consumer.py"
HOST: Final = "ConsumerHost"
REREADS_AFTER_SECONDS: Final = 1


@dataclass(frozen=True)
class OutputLine:
    text: str
    at: float  # when it was printed, by the monotonic clock

    @property
    def is_success(self) -> bool:
        return self.text.startswith("works")


@dataclass(frozen=True)
class Consumer:
    process: subprocess.Popen[str]
    output: list[OutputLine] = field(default_factory=list)

    def listen(self) -> None:
        for line in self.process.stdout or ():
            self.output.append(OutputLine(line.strip(), time.monotonic()))

    def await_line(
        self, is_it: Callable[[OutputLine], bool], after: float, seconds: float
    ) -> OutputLine | None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = next((it for it in list(self.output) if it.at > after and is_it(it)), None)
            if found:
                return found
            time.sleep(0.1)
        return None

    def outage(self, after: float, seconds: float) -> tuple[OutputLine, OutputLine] | None:
        """The first refused call, and the first successful one after it."""
        refused = self.await_line(lambda line: not line.is_success, after, seconds)
        again = refused and self.await_line(lambda line: line.is_success, refused.at, seconds)
        return (refused, again) if refused and again else None


@contextmanager
def run_consumer(it: EnrolledUser) -> Iterator[Consumer]:
    """Runs until the end, with a role that may read the secret."""
    command = [sys.executable, str(EXAMPLE), it.secret, str(REREADS_AFTER_SECONDS)]
    with subprocess.Popen(  # noqa: S603 -- our own command
        command, env=_environment(it.deployment.aws), stdout=subprocess.PIPE, text=True
    ) as process:
        consumer = Consumer(process)
        listener = Thread(target=consumer.listen)
        listener.start()
        try:
            yield consumer
        finally:
            process.terminate()
            listener.join()


def _environment(aws: LocalAws) -> dict[str, str]:
    key = role_credentials(aws, HOST, "secretsmanager:GetSecretValue", "kms:Decrypt")
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    return aws.environment() | dict(zip(names, key, strict=True)) | {"PATH": os.defpath}
