from __future__ import annotations

from typing import TYPE_CHECKING

from tests.infra.synthesis import arn, named

if TYPE_CHECKING:
    from tests.infra.synthesis import Json


def test_the_rule_sees_the_family_in_both_spellings_and_its_neighbours(template: Json) -> None:
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


def test_the_rule_sees_calls_that_only_read(template: Json) -> None:
    _, rule = named(template, "AWS::Events::Rule", "RefusedCalls")
    assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def test_what_the_rule_cannot_deliver_becomes_a_dead_letter(template: Json) -> None:
    _, rule = named(template, "AWS::Events::Rule", "RefusedCalls")
    signals_id, _ = named(template, "AWS::SQS::Queue", "Signals")
    dead_letters_id, _ = named(template, "AWS::SQS::Queue", "DeadLetters")
    (target,) = rule["Targets"]
    assert target["Arn"] == arn(signals_id)
    assert target["DeadLetterConfig"] == {"Arn": arn(dead_letters_id)}
