"""The storms and their limits."""

from __future__ import annotations

from dataclasses import dataclass

ALERTS_OF_A_KEY = 6
# Opening and settling, a new caller or region at a time, and what each alert is recorded by.
OTHER_WRITES_OF_A_KEY = 40
BATCH_SECONDS = 20  # of the 30 after which the function is ended (infra/remediation.py)
RECEIVES = 4  # of the 10 after which the queue gives a message up (infra/intake.py)
DOLLARS_A_MILLION = 6


@dataclass(frozen=True, kw_only=True)
class Storm:
    """Events of so many keys, by turns inactive, deleted and unknown; each of any caller in any region. One
    in `repeat_every` messages comes again after it was worked off. Each call of the function takes
    `call_seconds` more than it does here. What is put back comes again after `hidden_seconds`, where that
    is not None, instead of what the stack's queue has.
    """

    events: int = 100_000
    keys: int = 50
    callers: int = 20
    regions: tuple[str, ...] = ("us-east-1", "eu-west-1", "ap-southeast-2")
    repeat_every: int = 100
    call_seconds: float = 0
    hidden_seconds: int | None = None

    @property
    def name(self) -> str:
        slow = f", {1000 * self.call_seconds:g} ms a call" if self.call_seconds else ""
        return f"{self.events:,} events of {self.keys} keys{slow}"


STORM = Storm()
# On AWS each call of the function takes its time on the network, which counts when all keys are new at once.
# What is put back comes again as soon as the function's timeout allows: earlier, so harder, than on AWS.
SLOW_STORM = Storm(events=1_000, call_seconds=0.1, hidden_seconds=31)
STORMS = (STORM, SLOW_STORM)
