"""Configuration of the alerts: how often an ongoing incident is reported."""

from dataclasses import dataclass
from typing import Annotated

from infra.config.durations import DAY, HOUR
from infra.config.fields import Seconds, at_most, must_be, whole_number

# The thresholds are stored in a function's environment, which holds 4 KB in total.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_THRESHOLDS = 20
# The first alert reports the first failed call.
Threshold = Annotated[int, whole_number(2), at_most(10**12)]


@dataclass(frozen=True, kw_only=True)
class AlertsConfig:
    # numbers of failed calls at which an update is sent, ascending
    count_thresholds: tuple[Threshold, ...] = (10, 100, 1000, 10_000, 100_000)
    # minimum time between two updates of the same kind
    update_seconds: Seconds = HOUR
    # minimum time between an alert and the next digest
    digest_seconds: Seconds = DAY
    # time between two checks whether the key created by a rotation is used
    new_key_check_seconds: Seconds = 5 * 60
    # time between two checks whether the subscriptions are confirmed, and to confirm them after a deployment
    subscription_check_seconds: Seconds = DAY

    def __post_init__(self) -> None:
        thresholds, path = [*self.count_thresholds], ".countThresholds"
        if thresholds != sorted({*thresholds}):
            raise must_be("ascending", thresholds, path=path)
        if len(thresholds) > MAX_THRESHOLDS:
            raise must_be(f"at most {MAX_THRESHOLDS} numbers", thresholds, path=path)
