"""How often people are told of an incident that goes on, as a deployer writes it in the configuration."""

from __future__ import annotations

from dataclasses import dataclass

from infra.config.durations import DAY, HOUR
from infra.config.fields import Fields, must_be

# They travel in a function's environment, which holds 4 KB in all.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_THRESHOLDS = 20
HIGHEST_THRESHOLD = 10**12


@dataclass(frozen=True, kw_only=True)
class AlertsConfig:
    """`count_thresholds` are numbers of failed calls, ascending. `update_seconds` is the least time between
    two alerts of one kind of news, `digest_seconds` between an alert and a digest, `new_key_check_seconds`
    between two looks whether the key that a rotation made is used.
    """

    count_thresholds: tuple[int, ...] = (10, 100, 1000, 10_000, 100_000)
    update_seconds: int = HOUR
    digest_seconds: int = DAY
    new_key_check_seconds: int = 5 * 60


def read_alerts(value: object, path: str) -> AlertsConfig:
    fields = Fields.of(value, path, of_type=AlertsConfig)
    default = AlertsConfig
    return AlertsConfig(
        count_thresholds=_thresholds(fields),
        update_seconds=fields.seconds("updateSeconds", default=default.update_seconds),
        digest_seconds=fields.seconds("digestSeconds", default=default.digest_seconds),
        new_key_check_seconds=fields.seconds("newKeyCheckSeconds", default=default.new_key_check_seconds),
    )


def _thresholds(fields: Fields) -> tuple[int, ...]:
    if "countThresholds" not in fields.values:
        return AlertsConfig.count_thresholds
    thresholds = fields.each("countThresholds", _threshold)
    path = fields.path_of("countThresholds")
    if list(thresholds) != sorted(set(thresholds)):
        raise must_be("ascending", list(thresholds), path)
    if len(thresholds) > MOST_THRESHOLDS:
        raise must_be(f"at most {MOST_THRESHOLDS} numbers", list(thresholds), path)
    return thresholds


def _threshold(value: object, path: str) -> int:
    # 1 is what the first alert tells; True is an int in Python, and not a number
    if type(value) is not int or value < 2:  # noqa: PLR2004
        raise must_be("a whole number, at least 2", value, path)
    if value > HIGHEST_THRESHOLD:
        raise must_be(f"at most {HIGHEST_THRESHOLD}", value, path)
    return value
