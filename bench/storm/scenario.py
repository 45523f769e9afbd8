"""The storms and their limits."""

from __future__ import annotations

from dataclasses import dataclass

ALERTS_OF_A_KEY = 6
# Opening and updating, one new caller or region at a time, and the record of each alert.
OTHER_WRITES_OF_A_KEY = 40
BATCH_SECONDS = 20  # of the 30 of the function's timeout (infra/remediation/remediate.py)
RECEIVES = 4  # of the 10 after which a message is moved to the dead-letter queue (infra/detection/queues.py)
DOLLARS_A_MILLION = 6


@dataclass(frozen=True, kw_only=True)
class Storm:
    """Events of keys that are alternately inactive, deleted and unknown, of any caller in any region."""

    events: int = 100_000
    keys: int = 50
    callers: int = 20
    regions: tuple[str, ...] = ("us-east-1", "eu-west-1", "ap-southeast-2")
    repeat_every: int = 100  # one in so many messages is delivered again after it was processed
    call_seconds: float = 0  # added to each call of the function
    hidden_seconds: int | None = None  # the visibility timeout, unless it is that of the stack's queue

    @property
    def name(self) -> str:
        slow = f", {1000 * self.call_seconds:g} ms a call" if self.call_seconds else ""
        return f"{self.events:,} events of {self.keys} keys{slow}"


STORM = Storm()
# On AWS each call of the function takes network time, which matters if all keys are new at once. A returned
# message is delivered again as soon as the function's timeout allows: earlier than on AWS, so more load.
SLOW_STORM = Storm(events=1_000, call_seconds=0.1, hidden_seconds=31)
STORMS = (STORM, SLOW_STORM)
