"""Messages forged by IAM users with a common permission: the stack's queues, topics and buses refuse them.

What an operator forges, who may send, still changes no key.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local import operator_role
from local.demo.automation import ROLE
from local.demo.enrolment import enrol_new_user
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.demo.enrolment import EnrolledUser
    from local.deployment import Deployment

STACK = "AccessKeyRemediator"
QUEUE, TOPIC, BUS = "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Events::EventBus"
REFUSALS = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


def resources(deployment: Deployment, kind: str) -> list[str]:
    """The physical ids of the stack's resources of this type: URLs, ARNs or names."""
    cloudformation: Any = deployment.aws.session().client("cloudformation")
    found = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    return [each["PhysicalResourceId"] for each in found if each["ResourceType"] == kind]


def user_with(deployment: Deployment, action: str) -> Any:
    """A session of an IAM user that may do this, on everything, and nothing else."""
    iam: Any = deployment.aws.session().client("iam")
    name = f"attacker-{action.partition(':')[0]}-{datetime.now(UTC):%H%M%S%f}"
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return deployment.aws.session((key["AccessKeyId"], key["SecretAccessKey"]))


def is_refused(send: Callable[[], object]) -> bool:
    try:
        send()
    except ClientError as error:
        if error.response["Error"]["Code"] not in REFUSALS:
            raise
        return True
    return False


def taken_by(deployment: Deployment, kind: str, send: Callable[[str], object]) -> list[str]:
    """The resources of this kind that accept the message."""
    found = resources(deployment, kind)
    assert found
    return [each for each in found if not is_refused(partial(send, each))]


def test_no_queue_takes_a_message_of_a_user_that_may_send_to_all_queues(
    rotating_deployment: Deployment,
) -> None:
    sqs = user_with(rotating_deployment, "sqs:SendMessage").client("sqs")
    assert not taken_by(
        rotating_deployment, QUEUE, lambda url: sqs.send_message(QueueUrl=url, MessageBody="forged")
    )


def test_no_topic_takes_a_message_of_a_user_that_may_publish_to_all_topics(
    rotating_deployment: Deployment,
) -> None:
    sns = user_with(rotating_deployment, "sns:Publish").client("sns")
    assert not taken_by(rotating_deployment, TOPIC, lambda arn: sns.publish(TopicArn=arn, Message="forged"))


def test_no_bus_takes_an_event_of_a_user_that_may_put_events_on_all_buses(
    rotating_deployment: Deployment,
) -> None:
    events = user_with(rotating_deployment, "events:PutEvents").client("events")
    forged = {
        "Source": "access-key-remediator",
        "DetailType": "Access Key Incident",
        "Detail": json.dumps({"cause": "quarantined-key"}),
    }
    assert not taken_by(
        rotating_deployment, BUS, lambda bus: events.put_events(Entries=[{**forged, "EventBusName": bus}])
    )


def test_not_even_an_administrator_may_send(rotating_deployment: Deployment) -> None:
    session = rotating_deployment.aws.session()
    sqs: Any = session.client("sqs")
    sns: Any = session.client("sns")
    assert not taken_by(
        rotating_deployment, QUEUE, lambda url: sqs.send_message(QueueUrl=url, MessageBody="by hand")
    )
    assert not taken_by(rotating_deployment, TOPIC, lambda arn: sns.publish(TopicArn=arn, Message="by hand"))


def test_no_rule_of_another_brings_events_into_a_queue(rotating_deployment: Deployment) -> None:
    """A rule on the default bus, to which everybody may send events."""
    session = rotating_deployment.aws.session()
    events: Any = session.client("events")
    sqs: Any = session.client("sqs")
    for number, url in enumerate(resources(rotating_deployment, QUEUE)):
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        rule, source = f"forger-{number}", f"forger.{number}"
        events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))
        events.put_targets(Rule=rule, Targets=[{"Id": "t", "Arn": arn}])
        before = waiting(sqs, url)
        events.put_events(Entries=[{"Source": source, "DetailType": "d", "Detail": "{}"}])
        assert waiting(sqs, url) == before
        events.remove_targets(Rule=rule, Ids=["t"])
        events.delete_rule(Name=rule)


def waiting(sqs: Any, url: str) -> list[str]:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return [attributes[name] for name in names]


def deactivation_by_the_automation(it: EnrolledUser) -> str:
    """As EventBridge would deliver CloudTrail's record of it, a second after the true one."""
    account = it.deployment.aws.account
    at = f"{datetime.now(UTC) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    record = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{account}:assumed-role/{ROLE}/session",
            "accountId": account,
        },
        "eventTime": at,
        "eventSource": "iam.amazonaws.com",
        "eventName": "UpdateAccessKey",
        "awsRegion": "us-east-1",
        "requestParameters": {
            "userName": it.user_name,
            "accessKeyId": it.application.access_key_id,
            "status": "Inactive",
        },
        "responseElements": None,
        "eventType": "AwsApiCall",
        "recipientAccountId": account,
    }
    envelope = {
        "version": "0",
        "source": "aws.iam",
        "detail-type": "AWS API Call via CloudTrail",
        "account": account,
        "time": at,
        "region": "us-east-1",
        "detail": record,
    }
    return json.dumps(envelope)


def forge_who_deactivated(it: EnrolledUser, sqs: Any) -> None:
    key = it.application.access_key_id
    it.application.deactivate_key()
    ledger = it.deployment.ledger
    ledger.await_entry(key, lambda entry: entry.get("state") == "Inactive")
    sqs.send_message(
        QueueUrl=it.deployment.outputs["KeyLifeCycleQueueUrl"], MessageBody=deactivation_by_the_automation(it)
    )
    ledger.await_entry(key, lambda entry: ROLE in json.dumps(entry, default=str))


def test_a_forged_record_does_not_make_a_persons_deactivation_an_automations(
    rotating_deployment: Deployment,
) -> None:
    it = enrol_new_user(rotating_deployment)
    labels, keys = it.labels(), {*it.keys()}
    forge_who_deactivated(it, operator_role.session(rotating_deployment.aws).client("sqs"))
    key = it.application.access_key_id
    # A call that fails while the deactivation is evaluated is evaluated when its message is delivered again.
    assert rotating_deployment.alerts.wait_for(lambda it: it.is_of_incident(key), TIMEOUT_SECONDS)
    it.application.call("sts", "get_caller_identity")
    alert = rotating_deployment.alerts.wait_for(
        lambda received: received.is_of_incident(key) and received.attributes["cause"] == "key-inactive",
        TIMEOUT_SECONDS,
    )
    assert alert is not None
    assert alert.attributes["decision"] == "request-approval"
    rotating_deployment.alerts.wait_for(lambda _: False, 2)
    assert (it.labels(), {*it.keys()}) == (labels, keys)


def test_a_user_that_may_send_to_all_queues_cannot_forge_who_deactivated_a_key(
    rotating_deployment: Deployment,
) -> None:
    it = enrol_new_user(rotating_deployment)
    sqs = user_with(rotating_deployment, "sqs:SendMessage").client("sqs")
    with pytest.raises(ClientError, match="AccessDenied"):
        forge_who_deactivated(it, sqs)
