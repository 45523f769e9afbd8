"""A program of the account reports its refused call: docs/reports.md, followed under enforced IAM."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from lambdas.detection.report_parser import DETAIL_TYPE, EVENT
from local.cdk import ROOT
from local.demo.scenario_runner import put_report
from local.demo.scenarios import deactivated
from local.failures import ALARM
from local.patience import TIMEOUT_SECONDS
from tests.e2e.recipient import Shell
from tests.e2e.test_bad_input import dead_letters

if TYPE_CHECKING:
    from pathlib import Path

    from local.deployment import Deployment

PAGE = (ROOT / "docs" / "reports.md").read_text()
[COMMAND] = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
[STATEMENT] = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def reporter(deployment: Deployment) -> dict[str, str]:
    """The environment of a user who may do what the page allows, and nothing else."""
    iam: Any = deployment.aws.session().client("iam")
    iam.create_user(UserName="reporter")
    statement = STATEMENT.replace("111122223333", deployment.aws.account).replace(
        "eu-central-1", deployment.aws.region
    )
    document = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    iam.put_user_policy(UserName="reporter", PolicyName="report", PolicyDocument=document)
    key = iam.create_access_key(UserName="reporter")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def test_a_report_of_a_dead_key_alerts_its_owner_and_an_invalid_one_becomes_a_dead_letter(
    deployment: Deployment, tmp_path: Path, aws_cli: Path
) -> None:
    application, own = deactivated(deployment.aws), reporter(deployment)
    key = application.access_key_id
    Shell(deployment, tmp_path, aws_cli).run([COMMAND], ACCESS_KEY_ID=key, **own)
    alert = deployment.alerts.wait_for(lambda received: key in received.body, TIMEOUT_SECONDS)
    assert alert is not None
    assert (alert.attributes["cause"], alert.attributes["owner"]) == ("key-inactive", application.user_name)
    assert "from a report that says it is " in alert.body

    session = deployment.aws.session((own["AWS_ACCESS_KEY_ID"], own["AWS_SECRET_ACCESS_KEY"]))
    deployment.failures.expect(ALARM, "DeadLetters")
    put_report(session, key, schemaVersion="9")
    [letter] = dead_letters(deployment, {"{"}).values()
    body = json.loads(letter["Body"])
    assert (body["detail-type"], body["detail"]["event"]) == (DETAIL_TYPE, EVENT)
    reason = letter["MessageAttributes"]["reason"]["StringValue"]
    assert reason == "the report's schemaVersion is not 1.x"
    with pytest.raises(ClientError, match="not authorized"):
        session.client("events").put_events(
            Entries=[{"Source": "another", "DetailType": DETAIL_TYPE, "Detail": "{}"}]
        )
