"""The alert topic, the chat topic, the incident bus and the dead-letter queue; and CloudTrail's history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from lambdas.alerting.adapters.incident_bus import EventBridgeIncidentBus
from lambdas.alerting.adapters.sns_topics import SnsAlertTopic, SnsChatTopic
from lambdas.alerting.domain.alert import compose_alert
from lambdas.alerting.domain.chat_message import compose_chat_message
from lambdas.aws.adapters.cloudtrail_history import CloudTrailHistory
from lambdas.aws.adapters.dead_letter_queue import SqsDeadLetterQueue
from lambdas.aws.adapters.sts_accounts import StsAccounts
from lambdas.errors import BusyError, PermanentError, TransientError
from tests.support.builders import a_finding, key_id

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

KEY = key_id()


def test_an_alert_arrives_with_its_subject_body_and_attributes(clients: Clients) -> None:
    topic = clients.sns.create_topic(Name="Alerts")["TopicArn"]
    queue = clients.sqs.create_queue(QueueName="Reader")["QueueUrl"]
    arn = clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    alert = compose_alert(a_finding())
    SnsAlertTopic(clients, topic).publish(alert)
    [message] = clients.sqs.receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(message["Body"])
    assert (body["Subject"], body["Message"]) == (alert.subject, alert.body)
    assert {name: value["Value"] for name, value in body["MessageAttributes"].items()} == alert.attributes


def test_a_chat_message_arrives_as_the_json_that_it_is(clients: Clients) -> None:
    topic = clients.sns.create_topic(Name="Chat")["TopicArn"]
    queue = clients.sqs.create_queue(QueueName="Reader")["QueueUrl"]
    arn = clients.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    raw = {"RawMessageDelivery": "true"}
    clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"], Attributes=raw)
    message = compose_chat_message(compose_alert(a_finding()), thread="AKIA/1")
    SnsChatTopic(clients, topic).publish(message)
    [received] = clients.sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(received["Body"]) == message


@pytest.mark.parametrize(
    ("code", "error"), [("NotFound", TransientError), ("InvalidParameter", PermanentError)]
)
def test_a_chat_topic_that_refuses_raises_what_the_alert_topic_does(
    clients: Clients, code: str, error: type[Exception]
) -> None:
    with Stubber(clients.sns) as stub:
        stub.add_client_error("publish", code)
        with pytest.raises(error, match=f"sns:Publish: {code}"):
            SnsChatTopic(clients, "arn:aws:sns:us-east-1:123456789012:Chat").publish({})


def test_a_topic_that_is_gone_is_a_transient_error(clients: Clients) -> None:
    gone = SnsAlertTopic(clients, "arn:aws:sns:us-east-1:123456789012:Gone")
    with pytest.raises(TransientError, match="sns:Publish: NotFound"):
        gone.publish(compose_alert(a_finding()))


def test_an_entry_that_the_bus_refuses_is_an_error_although_the_call_succeeds(clients: Clients) -> None:
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
    with Stubber(clients.events) as stub:
        stub.add_response("put_events", refused)
        with pytest.raises(TransientError, match="InternalFailure"):
            EventBridgeIncidentBus(clients, "Bus").put({})


def test_a_rejected_message_carries_its_reason_and_an_oversized_one_is_cut(clients: Clients) -> None:
    queue = clients.sqs.create_queue(QueueName="Dead")["QueueUrl"]
    dead_letters = SqsDeadLetterQueue(clients, queue)
    for body in ("no JSON", "\u00e4" * 262_144, ""):
        dead_letters.reject(body, "the body is not JSON")
    messages = clients.sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )["Messages"]
    assert {m["MessageAttributes"]["reason"]["StringValue"] for m in messages} == {"the body is not JSON"}
    assert sorted(len(m["Body"].encode()) for m in messages) == [1, 7, 250_000]


def test_a_request_that_can_never_be_right_is_a_permanent_error(clients: Clients) -> None:
    with pytest.raises(PermanentError, match="not valid"):
        a_history(clients).changes("")


def a_history(clients: Clients, region: str = "us-east-1") -> CloudTrailHistory:
    return CloudTrailHistory(clients.trail, iam_region="us-east-1", region=region)


def a_page(*records: dict[str, Any], next_token: str = "") -> dict[str, Any]:
    events = [{"EventId": str(n), "CloudTrailEvent": json.dumps(r)} for n, r in enumerate(records)]
    return {"Events": events} | ({"NextToken": next_token} if next_token else {})


def a_key_record(event_name: str, minute: int) -> dict[str, Any]:
    return {
        "eventSource": "iam.amazonaws.com",
        "eventName": event_name,
        "eventTime": f"2026-03-14T11:{minute:02}:00Z",
        "userIdentity": {"type": "IAMUser", "userName": "bob"},
        "requestParameters": {"userName": "alice", "accessKeyId": KEY},
    }


def test_a_history_is_read_over_its_pages_and_comes_newest_first(clients: Clients) -> None:
    with Stubber(clients.trail("us-east-1")) as stub:
        stub.add_response("lookup_events", a_page(a_key_record("UpdateAccessKey", 1), next_token="more"))
        stub.add_response("lookup_events", a_page(a_key_record("DeleteAccessKey", 2), {"eventName": "?"}))
        changes = a_history(clients).changes(KEY)
        stub.assert_no_pending_responses()
    assert [change.event_name for change in changes] == ["DeleteAccessKey", "UpdateAccessKey"]


@pytest.mark.parametrize(
    ("code", "error", "text"),
    [
        ("AccessDeniedException", TransientError, "AccessDeniedException"),
        ("ThrottlingException", BusyError, "LookupEvents is throttled"),
    ],
)
def test_a_history_that_cannot_be_read_is_a_transient_error_and_busy_if_throttled(
    clients: Clients, code: str, error: type[TransientError], text: str
) -> None:
    with Stubber(clients.trail("us-east-1")) as stub:
        stub.add_client_error("lookup_events", code)
        with pytest.raises(error, match=text):
            a_history(clients).changes(KEY)


def test_a_record_that_cannot_be_read_is_no_proof_of_an_empty_history(clients: Clients) -> None:
    page = {"Events": [{"EventId": "1", "CloudTrailEvent": "not JSON"}]}
    with Stubber(clients.trail("us-east-1")) as stub:
        stub.add_response("lookup_events", page)
        with pytest.raises(TransientError, match="not JSON"):
            a_history(clients).changes(KEY)


SESSION = key_id(prefix="ASIA")


def an_issuing_record(access_key_id: str = SESSION) -> dict[str, Any]:
    return {
        "eventName": "AssumeRole",
        "eventTime": "2026-03-14T11:00:00Z",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/bob"},
        "requestParameters": {"roleArn": "arn:aws:iam::123456789012:role/service/app"},
        "responseElements": {"credentials": {"accessKeyId": access_key_id}},
    }


def test_the_issue_of_a_temporary_key_is_sought_where_the_function_runs_and_at_home(
    clients: Clients,
) -> None:
    with Stubber(clients.trail("eu-central-1")) as here, Stubber(clients.trail("us-east-1")) as home:
        here.add_response("lookup_events", a_page(an_issuing_record("ASIAANOTHER")))
        home.add_response("lookup_events", a_page(an_issuing_record()))
        issue = a_history(clients, "eu-central-1").find_issue(SESSION)
    assert issue is not None
    assert (issue.event_name, issue.by, issue.to) == ("AssumeRole", "user/bob", "role/service/app")


def test_an_issue_that_no_history_has_is_none(clients: Clients) -> None:
    with Stubber(clients.trail("us-east-1")) as stub:
        stub.add_response("lookup_events", a_page())
        assert a_history(clients).find_issue(SESSION) is None


PROBE_KEY = key_id(2)


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "AccessDenied", "ValidationError"])
def test_sts_that_names_no_account_is_believed_if_it_names_one_for_a_key_that_exists(
    clients: Clients, code: str
) -> None:
    accounts = StsAccounts(clients)
    with Stubber(clients.sts) as stub:
        stub.add_client_error("get_access_key_info", code)
        stub.add_response("get_access_key_info", {"Account": "123456789012"})
        assert accounts.find_account(KEY, PROBE_KEY) == ""
        stub.add_client_error("get_access_key_info", code)
        stub.add_client_error("get_access_key_info", code)
        with pytest.raises(TransientError, match="does not answer for a key that exists"):
            accounts.find_account(KEY, PROBE_KEY)


def test_sts_that_is_throttled_is_a_transient_error(clients: Clients) -> None:
    with Stubber(clients.sts) as stub:
        stub.add_client_error("get_access_key_info", "Throttling")
        with pytest.raises(TransientError, match="Throttling"):
            StsAccounts(clients).find_account(KEY, PROBE_KEY)


def test_sts_names_the_account_of_a_key(clients: Clients) -> None:
    with Stubber(clients.sts) as stub:
        stub.add_response("get_access_key_info", {"Account": "210987654321"})
        assert StsAccounts(clients).find_account(KEY, PROBE_KEY) == "210987654321"
