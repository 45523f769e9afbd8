"""The commands of docs/exemptions.md, run as they are written by the genuine AWS CLI."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from lambdas.decisions.adapters.exemption_table import CACHE_SECONDS
from local.cdk import ROOT
from local.demo.scenarios import deactivated
from local.demo.switches import restart_function
from local.patience import TIMEOUT_SECONDS
from tests.e2e.denial import DeployedFunction, failed_records, wait_until
from tests.e2e.recipient import Shell, environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.demo.application import Application
    from local.deployment import Deployment

SECTION = re.compile(r"^## (?P<title>.+?)$(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGE = (ROOT / "docs" / "exemptions.md").read_text()
COMMANDS = {found["title"]: BLOCK.findall(found["text"]) for found in SECTION.finditer(PAGE)}


class Reader:
    """Follows the page, with the stack's outputs in the environment."""

    def __init__(self, deployment: Deployment, shell: Shell) -> None:
        self.deployment = deployment
        self.shell = shell
        self.remediate = DeployedFunction(deployment, deployment.outputs["RemediateFunctionName"])

    def write(self, exemption: str, expires_in: timedelta) -> None:
        expires = f"{datetime.now(UTC) + expires_in:%Y-%m-%dT%H:%M:%SZ}"
        self.run("Create an exemption", EXEMPTION=exemption, REASON="replaced next week", EXPIRES=expires)

    def run(self, title: str, block: int = 0, **variables: str) -> str:
        return self.shell.run([COMMANDS[title][block]], **variables, **self.deployment.outputs)

    def suppressed(self) -> dict[str, Any]:
        items = json.loads(self.run("Suppressed incidents"))["Items"]
        return {item["accessKeyId"]["S"]: item for item in items}

    def count(self, key: str) -> int:
        return sum(int(item["count"]["N"]) for item in self.deployment.incidents_of(key))

    def fail(self, application: Application) -> None:
        """Calls once, and waits until that is counted and evaluated."""
        key = application.access_key_id
        before = self.count(key)
        application.call("sts", "get_caller_identity")
        assert wait_until(
            lambda: self.count(key) > before and "cause" in self.deployment.incidents_of(key)[0]
        )

    def is_alerted(self, text: str, seconds: float) -> bool:
        return self.deployment.alerts.wait_for(lambda received: text in received.body, seconds) is not None

    def tick(self) -> None:
        functions: Any = self.deployment.aws.session().client("lambda")
        functions.invoke(FunctionName=self.deployment.outputs["AlertTimerFunctionName"], Payload="{}")


@pytest.fixture
def reader(deployment: Deployment, tmp_path: Path, aws_cli: Path) -> Iterator[Reader]:
    reader = Reader(deployment, Shell(deployment, tmp_path, aws_cli))
    yield reader
    reader.remediate.restore()


def test_one_command_exempts_a_user_within_a_minute_and_one_ends_it(reader: Reader) -> None:
    deployment, others, application = (
        reader.deployment,
        deactivated(reader.deployment.aws),
        deactivated(reader.deployment.aws),
    )
    key, exemption = application.access_key_id, f"user:{application.user_name}"
    others.call("sts", "get_caller_identity")
    assert reader.is_alerted(others.access_key_id, TIMEOUT_SECONDS), "the function is warm now"
    reader.write(exemption, timedelta(days=7))
    time.sleep(CACHE_SECONDS)
    reader.fail(application)
    reader.fail(application)
    suppressed = reader.suppressed()
    assert (suppressed[key]["count"], others.access_key_id in suppressed) == ({"N": "2"}, False)
    [item] = deployment.incidents_of(key)
    assert (item["decision"], item["guardrail"]) == ({"S": "suppress"}, {"S": "exempt"})
    assert exemption in suppressed[key]["decisionReason"]["S"]
    assert not reader.is_alerted(key, 1)
    assert "user/administrator" in reader.run("End an exemption")
    reader.run("End an exemption", 1, EXEMPTION=exemption)
    assert exemption not in reader.run("End an exemption")
    restart_function(deployment, reader.remediate.name)  # else it would remember for half a minute more
    # With another user agent, so another caller: the same one would be evaluated again after a minute only.
    reader.shell.run(["aws sts get-caller-identity || true"], **environment_of(application))
    assert reader.is_alerted(key, TIMEOUT_SECONDS)


def test_an_expired_exemption_is_reported_once_to_its_user_and_marked_as_reported(reader: Reader) -> None:
    reader.write("user:gone-long-ago", -timedelta(minutes=1))
    reader.tick()
    reader.tick()
    deployment, subject = reader.deployment, "[low] exemption expired: user:gone-long-ago"
    alert = deployment.alerts.wait_for(lambda received: received.subject == subject, TIMEOUT_SECONDS)
    assert alert is not None
    assert {name: alert.attributes[name] for name in ("cause", "decision", "severity", "owner")} == {
        "cause": "-",
        "decision": "notify",
        "severity": "low",
        "owner": "gone-long-ago",
    }
    assert not deployment.alerts.wait_for(lambda other: other.subject == subject and other is not alert, 2)
    [item] = [
        it
        for it in json.loads(reader.run("End an exemption"))["Items"]
        if "gone-long" in it["exemption"]["S"]
    ]
    assert {"reportedAt", "expiresAt"} < item.keys()


def test_without_the_permission_to_read_exemptions_the_alert_goes_out_and_there_is_an_alarm(
    reader: Reader,
) -> None:
    application = deactivated(reader.deployment.aws)
    reader.write(f"user:{application.user_name}", timedelta(days=7))
    before = failed_records(reader.deployment)
    reader.remediate.deny("dynamodb:Scan")
    application.call("sts", "get_caller_identity")
    assert reader.is_alerted(application.access_key_id, TIMEOUT_SECONDS)
    assert wait_until(lambda: failed_records(reader.deployment) > before)


def test_every_command_of_the_page_is_run_here() -> None:
    assert {title: len(blocks) for title, blocks in COMMANDS.items() if blocks} == {
        "Create an exemption": 1,
        "Suppressed incidents": 1,
        "End an exemption": 2,
    }
