"""The main stack away from IAM's home region: records and refused calls of other regions reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from local.demo.application import new_application
from local.demo.scenarios import working
from local.deployment import Deployment, open_deployment
from local.emulator.settings import UNRECORDED
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.demo.application import Application
    from local.inbox import Received

MAIN, HOME, THIRD = "eu-central-1", "us-east-1", "ap-southeast-2"
# As an organization may demand them.
BOUNDARY, ROLE_PATH = "arn:aws:iam::aws:policy/AdministratorAccess", "/platform/"
TAGS = {"cost-centre": "4711"}


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with open_deployment(
        tmp_path_factory.mktemp("away"),
        region=MAIN,
        regions=[THIRD],
        permissionsBoundary=BOUNDARY,
        rolePath=ROLE_PATH,
        tags=TAGS,
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def older(away: Deployment) -> str:
    """A key that is in no record, as if it was created before the stack."""
    iam: Any = away.aws.session().client("iam", config=Config(user_agent_extra=UNRECORDED))
    iam.create_user(UserName="older", Tags=[{"Key": CONTACT_TAG, "Value": "team@example.com"}])
    key: str = iam.create_access_key(UserName="older")["AccessKey"]["AccessKeyId"]
    return key


def alert_about(away: Deployment, application: Application, cause: str) -> Received:
    def is_it(received: Received) -> bool:
        return application.access_key_id in received.body and received.attributes["cause"] == cause

    alert = away.alerts.wait_for(is_it, TIMEOUT_SECONDS)
    assert alert is not None
    assert alert.attributes["owner"] == application.user_name
    return alert


def call_from(region: str, application: Application) -> None:
    pair = application.access_key_id, application.secret_access_key
    sts: Any = application.aws.session(pair, region).client("sts")
    with pytest.raises(sts.exceptions.ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()


def test_each_region_has_its_stack(away: Deployment, older: str) -> None:
    assert older
    for region in (HOME, MAIN, THIRD):
        stacks = away.aws.session(region=region).client("cloudformation").describe_stacks()["Stacks"]
        name = "AccessKeyRemediator" if region == MAIN else f"AccessKeyRemediator-{region}-to-{MAIN}"
        assert name in {stack["StackName"] for stack in stacks}


def test_every_role_of_every_region_has_the_boundary_the_path_and_the_tags(away: Deployment) -> None:
    iam, roles = away.aws.session().client("iam"), []
    for region in (HOME, MAIN, THIRD):
        cloudformation = away.aws.session(region=region).client("cloudformation")
        name = "AccessKeyRemediator" if region == MAIN else f"AccessKeyRemediator-{region}-to-{MAIN}"
        resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        roles += [it["PhysicalResourceId"] for it in resources if it["ResourceType"] == "AWS::IAM::Role"]
    assert len(roles) > len((HOME, MAIN, THIRD))
    for role_name in roles:
        role = iam.get_role(RoleName=role_name)["Role"]
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY
        assert role["Path"] == ROLE_PATH
        assert TAGS.items() <= {tag["Key"]: tag["Value"] for tag in role["Tags"]}.items()


def test_what_iam_records_in_its_home_region_reaches_the_ledger_and_predicts_an_outage(
    away: Deployment,
) -> None:
    application = working(away.aws)
    entry = away.ledger.await_entry(application.access_key_id, lambda entry: "createdBy" in entry)
    assert entry["ownerName"] == application.user_name
    application.deactivate_key()
    alert = alert_about(away, application, "deactivated-in-use")
    assert f"1 call to sts in {MAIN}" in alert.body


@pytest.mark.parametrize("region", [THIRD, HOME, MAIN])
def test_an_incident_names_the_region_in_which_the_call_failed(away: Deployment, region: str) -> None:
    application = new_application(away.aws, "app")
    application.deactivate_key()
    call_from(region, application)
    assert alert_about(away, application, "key-inactive").attributes["region"] == region
    [item] = away.incidents_of(application.access_key_id)
    assert item["region"] == {"S": region}


def test_what_was_there_before_the_stack_is_in_the_ledger_as_soon_as_the_schedule_fires(
    away: Deployment, older: str
) -> None:
    """As the rule does it each minute, with its own input; the first sync is due at once."""
    assert fire_the_schedule(away) == ""
    entry = away.ledger.await_entry(older, lambda entry: entry)
    assert (entry["ownerName"], entry["state"]) == ("older", "Active")
    assert away.ledger.user("older")["tags"][CONTACT_TAG]["value"] == "team@example.com"
    first = entry["lastListedAt"]
    assert fire_the_schedule(away) == ""
    assert away.ledger.entry(older)["lastListedAt"] == first, "a day has not passed"


def fire_the_schedule(away: Deployment) -> str:
    session, name = away.aws.session(), away.outputs["SyncKeysFunctionName"]
    events: Any = session.client("events")
    arn = session.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]
    rules = events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]
    [rule] = [name for name in rules if events.describe_rule(Name=name).get("ScheduleExpression")]
    assert events.describe_rule(Name=rule)["ScheduleExpression"] == "rate(1 minute)"
    [target] = events.list_targets_by_rule(Rule=rule)["Targets"]
    answer = session.client("lambda").invoke(FunctionName=arn, Payload=target["Input"])
    return str(answer.get("FunctionError", ""))
