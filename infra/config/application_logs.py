"""Configuration of the log groups in which refused calls are looked for."""

import json
from dataclasses import dataclass
from typing import Annotated

from infra.config.fields import ConfigError, at_most_items, matching

# Each takes some 300 bytes of the policy of `read_logs`, which has 20 KB.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_LOG_GROUPS = 40
# Stored in the environment of `subscribe_logs`, which holds 4 KB in total.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_LOG_GROUPS_BYTES = 3000
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
LogGroupName = Annotated[
    str,
    matching(r"[A-Za-z0-9_./#-]{1,512}", "the name of a log group, without a wildcard"),
]


@dataclass(frozen=True, kw_only=True)
class ApplicationLogsConfig:
    # log groups in the main region whose lines are searched for refused calls
    log_groups: Annotated[tuple[LogGroupName, ...], at_most_items(MAX_LOG_GROUPS, "log groups")] = ()

    def __post_init__(self) -> None:
        for index, log_group in enumerate(self.log_groups):
            if log_group in self.log_groups[:index]:
                raise ConfigError(f"{log_group} is named twice", path=f".logGroups[{index}]")
        size = len(json.dumps(self.log_groups))
        if size > MAX_LOG_GROUPS_BYTES:
            problem = f"takes {size} bytes; at most {MAX_LOG_GROUPS_BYTES} fit into a function's environment"
            raise ConfigError(problem, path=".logGroups")
