from __future__ import annotations

import pytest

from infra.config.application_logs import MAX_LOG_GROUPS, ApplicationLogsConfig
from infra.config.config import Config
from infra.config.fields import ConfigError


def read(application_logs: object) -> ApplicationLogsConfig:
    return Config.from_context({"applicationLogs": application_logs}).application_logs


def test_by_default_no_log_group_is_read() -> None:
    assert read({}) == Config().application_logs == ApplicationLogsConfig(log_groups=())


def test_log_groups_are_named_as_cloudwatch_names_them() -> None:
    names = ["/aws/lambda/orders", "web", "API-Gateway-Execution-Logs_a1b2c3/prod", "a.b#c"]
    assert read({"logGroups": names}).log_groups == (*names,)


@pytest.mark.parametrize(
    ("log_groups", "complaint"),
    [
        (["/aws/lambda/*"], r"logGroups\[0\]: must be the name of a log group, without a wildcard"),
        (["web", ""], r"logGroups\[1\]: must be the name of a log group"),
        (["a" * 513], r"logGroups\[0\]: must be the name of a log group"),
        (["arn:aws:logs:us-east-1:123456789012:log-group:web"], r"logGroups\[0\]: must be the name"),
        (["web", "api", "web"], r"logGroups\[2\]: web is named twice"),
        (
            [f"group-{number}" for number in range(MAX_LOG_GROUPS + 1)],
            "logGroups: must be a list of at most 40",
        ),
        ([f"{number:0512}" for number in range(6)], "logGroups: takes 3096 bytes; at most 3000 fit"),
        ("web", "logGroups: must be a list"),
    ],
)
def test_a_wrong_log_group_is_rejected_with_its_path(log_groups: object, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read({"logGroups": log_groups})
