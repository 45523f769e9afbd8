"""The commands of docs/events.md, run as they are written by the genuine AWS CLI."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from local.cdk import ROOT
from local.demo.scenarios import deactivated, quarantined
from local.inbox import Inbox
from tests.e2e.recipient import Shell
from tests.e2e.test_detection import let_in, next_event

if TYPE_CHECKING:
    from pathlib import Path

    from local.deployment import Deployment

[COMMANDS] = re.findall(
    r"^```sh\n(.*?)^```", (ROOT / "docs" / "events.md").read_text(), re.MULTILINE | re.DOTALL
)
SCHEMA = json.loads((ROOT / "docs" / "incident-event.schema.json").read_text())


def test_the_example_rule_forwards_the_critical_ones_alone(
    deployment: Deployment, tmp_path: Path, aws_cli: Path
) -> None:
    pager = Inbox.open(deployment.aws.session(), "pager")
    answers = Shell(deployment, tmp_path, aws_cli).run(
        [COMMANDS], PAGER_QUEUE_ARN=pager.arn, **deployment.outputs
    )
    let_in(pager, json.loads(answers[: answers.index("}") + 1])["RuleArn"])
    for application in (deactivated(deployment.aws), quarantined(deployment.aws)):
        application.call("sts", "get_caller_identity")
    event = next_event(pager)
    assert (event["detail"]["accessKeyId"], event["detail"]["severity"]) == (
        application.access_key_id,
        "critical",
    )
    Draft202012Validator(SCHEMA).validate(event["detail"])
