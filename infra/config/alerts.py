"""How often people are told of an incident that goes on, as a deployer writes it in the configuration."""

from dataclasses import dataclass
from typing import Annotated

from infra.config.durations import DAY, HOUR
from infra.config.fields import Seconds, at_most, must_be, whole_number

# They travel in a function's environment, which holds 4 KB in all.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_THRESHOLDS = 20
# 1 is what the first alert tells
Threshold = Annotated[int, whole_number(2), at_most(10**12)]


@dataclass(frozen=True, kw_only=True)
class AlertsConfig:
    # numbers of failed calls, ascending
    count_thresholds: tuple[Threshold, ...] = (10, 100, 1000, 10_000, 100_000)
    # the least time between two alerts of one kind of news
    update_seconds: Seconds = HOUR
    # the least time between an alert and a digest
    digest_seconds: Seconds = DAY
    # between two looks whether the key that a rotation made is used
    new_key_check_seconds: Seconds = 5 * 60

    def __post_init__(self) -> None:
        thresholds, path = [*self.count_thresholds], ".countThresholds"
        if thresholds != sorted({*thresholds}):
            raise must_be("ascending", thresholds, path=path)
        if len(thresholds) > MAX_THRESHOLDS:
            raise must_be(f"at most {MAX_THRESHOLDS} numbers", thresholds, path=path)
