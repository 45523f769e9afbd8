"""The requests by which refused calls in logs are asked for and reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from lambdas.aws.domain.refusal_sentences import filter_pattern
from lambdas.detection.adapters.log_subscriptions import CloudWatchLogSubscriptions
from lambdas.detection.adapters.refusal_queue import SqsRefusalQueue
from lambdas.errors import PermanentError, TransientError

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:ReadLogs"
PUT, DELETE, SEND = "put_subscription_filter", "delete_subscription_filter", "send_message_batch"
URL = "https://sqs.us-east-1.amazonaws.com/1/q"


def subscriptions(clients: Clients) -> CloudWatchLogSubscriptions:
    return CloudWatchLogSubscriptions(clients, filter_name="ours", function_arn=FUNCTION)


def test_the_filter_has_our_name_and_passes_on_every_sentence(clients: Clients) -> None:
    request = {
        "logGroupName": "web",
        "filterName": "ours",
        "filterPattern": filter_pattern(),
        "destinationArn": FUNCTION,
    }
    with Stubber(clients.logs) as stub:
        stub.add_response(PUT, {}, request)
        subscriptions(clients).put("web")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("ResourceNotFoundException", "it does not exist"),
        ("LimitExceededException", "as many subscription filters"),
        ("InvalidOperationException", "log class"),
        ("InvalidParameterException", "does not accept"),
    ],
)
def test_a_log_group_that_cannot_have_the_filter_says_why(clients: Clients, code: str, reason: str) -> None:
    with Stubber(clients.logs) as stub:
        stub.add_client_error(PUT, code)
        with pytest.raises(PermanentError, match=reason):
            subscriptions(clients).put("web")


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "ThrottlingException", "OperationAbortedException"]
)
def test_any_other_error_says_nothing_about_the_log_group(clients: Clients, code: str) -> None:
    with Stubber(clients.logs) as stub:
        stub.add_client_error(PUT, code)
        stub.add_client_error(DELETE, code)
        with pytest.raises(TransientError, match=code):
            subscriptions(clients).put("web")
        with pytest.raises(TransientError, match=code):
            subscriptions(clients).remove("web")


def test_of_a_log_group_our_filter_alone_is_removed_if_it_has_one(clients: Clients) -> None:
    request = {"logGroupName": "web", "filterName": "ours"}
    with Stubber(clients.logs) as stub:
        stub.add_response(DELETE, {}, request)
        stub.add_client_error(DELETE, "ResourceNotFoundException")
        subscriptions(clients).remove("web")
        subscriptions(clients).remove("web")


def test_messages_are_sent_ten_at_a_time(clients: Clients) -> None:
    url = clients.sqs.create_queue(QueueName="Refusals")["QueueUrl"]
    SqsRefusalQueue(clients, url).send([json.dumps(number) for number in range(23)])
    attributes = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "23"


def test_a_message_that_sqs_does_not_take_is_an_error(clients: Clients) -> None:
    failed: dict[str, Any] = {"Id": "0", "SenderFault": False, "Code": "InternalError"}
    with Stubber(clients.sqs) as stub:
        stub.add_response(SEND, {"Successful": [], "Failed": [failed]})
        with pytest.raises(TransientError, match="InternalError"):
            SqsRefusalQueue(clients, URL).send(["{}"])
