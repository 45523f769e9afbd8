from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from local.emulator.key_ids import key_id
from tests.local.workbench import Workbench, eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.emulator.process import LocalAws

WIDE = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
CALLS = [
    ("sts", "get_caller_identity", "GetCallerIdentity", "InvalidClientTokenId"),
    ("iam", "list_users", "ListUsers", "InvalidClientTokenId"),
    ("sqs", "list_queues", "ListQueues", "InvalidClientTokenId"),
    ("sns", "list_topics", "ListTopics", "InvalidClientTokenId"),
    ("s3", "list_buckets", "ListBuckets", "InvalidAccessKeyId"),
    ("dynamodb", "list_tables", "ListTables", "UnrecognizedClientException"),
    ("lambda", "list_functions", "ListFunctions", "UnrecognizedClientException"),
    ("cloudwatch", "list_metrics", "ListMetrics", "InvalidClientTokenId"),
    ("ec2", "describe_regions", "DescribeRegions", "Client.AuthFailure"),
]


@pytest.mark.parametrize(("service", "method", "operation", "code"), CALLS)
def test_a_refused_call_is_recorded_under_its_operation_and_the_services_own_code(
    bench: Workbench, service: str, method: str, operation: str, code: str
) -> None:
    key = bench.inactive_key()
    bench.refuse(key, service, method)
    record = eventually(lambda: bench.records("AccessKeyId", key[0]))[0]
    assert (record["eventName"], record["errorCode"]) == (operation, code)
    assert record["userIdentity"] == {
        "type": "IAMUser",
        "principalId": "",
        "accountId": bench.aws.account,
        "accessKeyId": key[0],
    }
    assert record["responseElements"] is None


def test_a_refused_call_reaches_a_rule_in_the_region_of_the_call(aws: LocalAws) -> None:
    bench = Workbench(aws, "eu-west-1")
    key = bench.inactive_key()
    url = bench.events({"detail": {"userIdentity": {"accessKeyId": [key[0]]}}}, WIDE)
    bench.refuse(key)
    event = bench.event(url)
    assert event["source"] == "aws.sts"
    assert event["detail-type"] == "AWS API Call via CloudTrail"
    assert event["account"] == aws.account
    assert event["region"] == event["detail"]["awsRegion"] == "eu-west-1"
    assert event["detail"]["errorMessage"] == "The security token included in the request is invalid."
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["detail"]["eventTime"])


def test_a_refused_call_is_on_the_bus_within_a_second(bench: Workbench) -> None:
    key = bench.inactive_key()
    url = bench.events({"detail": {"userIdentity": {"accessKeyId": [key[0]]}}}, WIDE)
    called = time.monotonic()
    bench.refuse(key)
    assert bench.receive(url)
    assert time.monotonic() - called < 1


def test_the_operation_on_a_bucket_or_an_object_is_told_from_the_request(bench: Workbench) -> None:
    key = bench.inactive_key()
    s3 = bench.session(key).client("s3")
    calls: list[tuple[Callable[..., object], dict[str, str]]] = [
        (s3.get_object, {"Bucket": "b-1", "Key": "k"}),
        (s3.put_object, {"Bucket": "b-1", "Key": "k"}),
        (s3.list_objects_v2, {"Bucket": "b-1"}),
        (s3.get_bucket_location, {"Bucket": "b-1"}),
    ]
    for call, arguments in calls:
        with pytest.raises(ClientError, match="InvalidAccessKeyId"):
            call(**arguments)
    operations = ["GetBucketLocation", "ListObjects", "PutObject", "GetObject"]
    eventually(lambda: len(bench.records("AccessKeyId", key[0])) >= len(operations))
    records = bench.records("AccessKeyId", key[0])
    assert [record["eventName"] for record in records][: len(operations)] == operations


def test_a_key_that_never_existed_is_recorded_by_the_id_it_has(bench: Workbench) -> None:
    never = key_id("AKIA", "999988887777")
    bench.refuse((never, "secret"))
    assert eventually(lambda: bench.records("AccessKeyId", never))


def test_a_wrong_secret_is_recorded_as_a_signature_that_does_not_match(bench: Workbench) -> None:
    key = bench.key(bench.user())
    bench.refuse((key[0], "wrong"))
    record = eventually(lambda: bench.records("AccessKeyId", key[0]))[0]
    assert record["errorCode"] == "SignatureDoesNotMatch"
    assert "arn" not in record["userIdentity"]


def test_with_recording_off_nothing_is_recorded(other_aws: LocalAws) -> None:
    bench = Workbench(other_aws)
    bench.refuse(("AKIAQQQQQQQQQQQQQQQQ", "secret"))
    time.sleep(0.2)
    assert bench.records("AccessKeyId", "AKIAQQQQQQQQQQQQQQQQ") == []
