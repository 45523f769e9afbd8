from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.config.config import Config
from lambdas.aws.iam_event_parser import iam_event
from tests.infra.synthesis import HOME_STACK, STACK, arn, arn_of, named, of_type, ref, synthesise_all
from tests.support.builders import key_id

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json


def test_the_rule_matches_both_spellings_of_key_failures_and_related_codes(template: Json) -> None:
    _, rule = named(template, "AWS::Events::Rule", "RefusedCalls")
    assert {*rule["EventPattern"]["detail"]} == {"errorCode"}
    assert sorted(rule["EventPattern"]["detail"]["errorCode"]) == [
        "AuthFailure",
        "Client.AuthFailure",
        "Client.InvalidAccessKeyId",
        "Client.InvalidClientTokenId",
        "Client.UnrecognizedClientException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ]


def test_the_rule_takes_records_of_aws_services_only(template: Json) -> None:
    _, rule = named(template, "AWS::Events::Rule", "RefusedCalls")
    assert rule["EventPattern"]["source"] == [{"prefix": "aws."}]
    assert rule["EventPattern"]["account"] == [{"Ref": "AWS::AccountId"}]
    assert rule["EventPattern"]["detail-type"] == ["AWS API Call via CloudTrail"]
    assert "EventBusName" not in rule, "only the default bus gets what AWS services send"


def test_the_rule_matches_read_only_calls(template: Json) -> None:
    _, rule = named(template, "AWS::Events::Rule", "RefusedCalls")
    assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def test_the_lifecycle_rule_matches_successful_calls_on_keys_and_users(template: Json) -> None:
    _, rule = named(template, "AWS::Events::Rule", "KeyLifeCycle")
    assert rule["EventPattern"] == {
        "source": ["aws.iam"],
        "account": [{"Ref": "AWS::AccountId"}],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["iam.amazonaws.com"],
            "errorCode": [{"exists": False}],
            "$or": [
                {
                    "eventName": [
                        "CreateAccessKey",
                        "CreateUser",
                        "DeleteAccessKey",
                        "DeleteUser",
                        "TagUser",
                        "UntagUser",
                        "UpdateAccessKey",
                        "UpdateUser",
                    ]
                },
                {
                    "eventName": ["AttachUserPolicy"],
                    "requestParameters": {"policyArn": [{"wildcard": "*/AWSCompromisedKeyQuarantine*"}]},
                },
            ],
        },
    }
    assert "EventBusName" not in rule


def test_the_parser_understands_exactly_the_calls_of_the_lifecycle_rule(
    template: Json,
) -> None:
    _, rule = named(template, "AWS::Events::Rule", "KeyLifeCycle")
    detail = rule["EventPattern"]["detail"]
    calls = [name for each in detail["$or"] for name in each["eventName"]]
    policy = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
    record = {
        "eventSource": detail["eventSource"][0],
        "eventTime": "2026-01-02T03:04:05Z",
        "requestParameters": {"userName": "alice", "accessKeyId": key_id(1), "policyArn": policy},
    }
    others = ["ListUsers", "GetUser", "CreateLoginProfile", "TagRole", "createuser", ""]
    understood = {call: iam_event(record | {"eventName": call}) is not None for call in [*calls, *others]}
    assert understood == dict.fromkeys(calls, True) | dict.fromkeys(others, False)


def test_the_rule_matches_the_events_of_aws_health_that_name_exposed_keys(template: Json) -> None:
    _, rule = named(template, "AWS::Events::Rule", "ExposedKeys")
    assert rule["EventPattern"] == {
        "source": ["aws.health"],
        "account": [{"Ref": "AWS::AccountId"}],
        "detail-type": ["AWS Health Event"],
        "detail": {
            "eventTypeCode": [
                "AWS_RISK_CREDENTIALS_COMPROMISED",
                "AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED",
                "AWS_RISK_CREDENTIALS_EXPOSED",
                "AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED",
            ]
        },
    }
    assert "EventBusName" not in rule, "only the default bus gets what AWS services send"


def test_the_rule_matches_failed_rotations_of_managed_secrets(template: Json) -> None:
    _, rule = named(template, "AWS::Events::Rule", "FailedRotations")
    region, account = ref("AWS::Region"), ref("AWS::AccountId")
    arn_of = ["arn:", ref("AWS::Partition"), ":secretsmanager:", region, ":", account, ":secret:keys/"]
    managed = [{"prefix": {"Fn::Join": ["", arn_of]}}]
    assert rule["EventPattern"] == {
        "source": ["aws.secretsmanager"],
        "account": [ref("AWS::AccountId")],
        "detail-type": ["AWS Service Event via CloudTrail"],
        "detail": {
            "eventName": ["RotationFailed", "RotationAbandoned"],
            "$or": [
                {"additionalEventData": {"SecretId": managed}},
                {"serviceEventDetails": {"secretId": managed}},
            ],
        },
    }


@pytest.mark.parametrize(
    ("rule_name", "queue"),
    [
        ("RefusedCalls", "Signals"),
        ("Reports", "Signals"),
        ("KeyLifeCycle", "KeyLifeCycle"),
        ("ExposedKeys", "KeyLifeCycle"),
        ("FailedRotations", "Signals"),
    ],
)
def test_what_a_rule_cannot_deliver_becomes_a_dead_letter(template: Json, rule_name: str, queue: str) -> None:
    _, rule = named(template, "AWS::Events::Rule", rule_name)
    signals_id, _ = named(template, "AWS::SQS::Queue", queue)
    dead_letters_id, _ = named(template, "AWS::SQS::Queue", "DeadLetters")
    (target,) = rule["Targets"]
    assert target["Arn"] == arn(signals_id)
    assert target["DeadLetterConfig"] == {"Arn": arn(dead_letters_id)}


def test_the_rule_for_reports_takes_every_report_of_the_own_account(template: Json) -> None:
    _, rule = named(template, "AWS::Events::Rule", "Reports")
    assert rule["EventPattern"] == {
        "source": ["access-key-remediator.report"],
        "account": [ref("AWS::AccountId")],
        "detail-type": ["Access Key Refused"],
    }
    assert "EventBusName" not in rule


def test_alone_there_is_no_bus_for_other_regions(template: Json) -> None:
    assert not [name for name in of_type(template, "AWS::Events::EventBus") if "Signals" in name]


@pytest.mark.parametrize(
    ("rule_name", "queue"),
    [
        ("ForwardedRefusedCalls", "Signals"),
        ("ForwardedReports", "Signals"),
        ("ForwardedKeyLifeCycle", "KeyLifeCycle"),
        ("ForwardedExposedKeys", "KeyLifeCycle"),
    ],
)
def test_what_other_regions_forward_comes_by_a_bus_of_its_own_into_the_same_queues(
    abroad: dict[str, Json], rule_name: str, queue: str
) -> None:
    main = abroad[STACK]
    bus_id, bus = named(main, "AWS::Events::EventBus", "Signals")
    assert bus["Name"] == f"{STACK}-signals"
    _, rule = named(main, "AWS::Events::Rule", rule_name)
    assert rule["EventBusName"] == ref(bus_id)
    assert [target["Arn"] for target in rule["Targets"]] == [arn_of(main, "AWS::SQS::Queue", queue)]


@pytest.mark.parametrize("rule_name", ["RefusedCalls", "Reports"])
def test_a_forwarded_signal_passes_the_very_rule_that_it_passed_in_its_region(
    abroad: dict[str, Json], rule_name: str
) -> None:
    _, sent = named(abroad[HOME_STACK], "AWS::Events::Rule", rule_name)
    _, received = named(abroad[STACK], "AWS::Events::Rule", f"Forwarded{rule_name}")
    forwarding_regions = ["us-east-1", "us-west-2"]
    assert received["EventPattern"] == sent["EventPattern"] | {"region": forwarding_regions}
    assert received["State"] == sent["State"]


def test_only_the_configured_regions_may_forward(abroad: dict[str, Json]) -> None:
    """The stack of a region that was taken out of the configuration stays, and forwards in vain."""
    for rule in of_type(abroad[STACK], "AWS::Events::Rule").values():
        regions = rule.get("EventPattern", {}).get("region")
        assert regions == (["us-east-1", "us-west-2"] if "EventBusName" in rule else None)


def test_outside_the_iam_region_the_lifecycle_rule_is_on_that_bus_only(abroad: dict[str, Json]) -> None:
    rule_id, _ = named(abroad[STACK], "AWS::Events::Rule", "KeyLifeCycle")
    assert "Forwarded" in rule_id


def test_in_the_iam_region_no_other_region_forwards_key_changes(tmp_path: Path) -> None:
    main = synthesise_all(Config(regions=("us-west-2",)), tmp_path, region="us-east-1")[STACK]
    rule_id, _ = named(main, "AWS::Events::Rule", "KeyLifeCycle")
    assert "Forwarded" not in rule_id
    named(main, "AWS::Events::Rule", "ForwardedRefusedCalls")
