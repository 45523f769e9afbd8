from __future__ import annotations

import pytest
from aws_cdk.aws_logs import RetentionDays

from infra.config.config import MAX_LOG_RETENTION_SECONDS
from infra.config.durations import DAY
from infra.functions.log_retention import PERIODS, retention


@pytest.mark.parametrize(
    ("seconds", "period"),
    [
        (1, RetentionDays.ONE_DAY),
        (DAY, RetentionDays.ONE_DAY),
        (DAY + 1, RetentionDays.THREE_DAYS),
        (90 * DAY, RetentionDays.THREE_MONTHS),
        (MAX_LOG_RETENTION_SECONDS, RetentionDays.TEN_YEARS),
    ],
)
def test_logs_are_never_kept_for_less_than_asked(seconds: int, period: RetentionDays) -> None:
    assert retention(seconds) is period


def test_every_period_of_cloudwatch_can_be_had() -> None:
    assert {*PERIODS.values()} == {*RetentionDays} - {RetentionDays.INFINITE}
    assert [*PERIODS] == sorted(PERIODS)
