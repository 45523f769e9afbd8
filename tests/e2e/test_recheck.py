"""A key that nothing knew is diagnosed once more, because CloudTrail's history lags."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from local.cdk import Cdk
from local.demo.scenarios import never_issued

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stage import Stage


@pytest.fixture
def hasty(stage: Stage) -> Iterator[Stage]:
    """The stage with a second instead of a quarter of an hour."""
    config = {**stage.config, "unknownKeyRecheckSeconds": 1}
    yield replace(stage, config=config, outputs=Cdk(stage.aws).deploy(config))
    Cdk(stage.aws).deploy(stage.config)


def let_the_timer_run(stage: Stage) -> None:
    functions: Any = stage.aws.session().client("lambda")
    name = stage.outputs["AlertTimerFunctionName"]
    answer = functions.invoke(FunctionName=name, Payload=json.dumps({}))
    assert "FunctionError" not in answer, answer["Payload"].read()


def alerts_about(stage: Stage, key: str, causes: list[str]) -> bool:
    stage.alerts.wait_for(lambda a: key in a.body and a.attributes["cause"] == causes[-1], 20)
    return [a.attributes["cause"] for a in stage.alerts.received if key in a.body] == causes


def test_an_unknown_key_that_stays_unknown_is_diagnosed_once_more_and_not_told_again(
    hasty: Stage,
) -> None:
    application = never_issued()(hasty.aws)
    key = application.access_key_id
    application.call("sts", "get_caller_identity")
    assert alerts_about(hasty, key, ["unknown-key"])
    assert "timer" in hasty.incidents_of(key)[0]
    time.sleep(1.5)
    let_the_timer_run(hasty)
    [item] = hasty.incidents_of(key)
    assert item["rechecked"] == {"BOOL": True}
    assert "timer" not in item
    assert alerts_about(hasty, key, ["unknown-key"])
