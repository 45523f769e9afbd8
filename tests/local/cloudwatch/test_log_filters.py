from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from lambdas.aws.domain.refusal_sentences import SENTENCES, filter_pattern
from local.emulator.gaps.cloudwatch.log_filters import matches
from tests.local.workbench import Workbench

if TYPE_CHECKING:
    from lambdas.aws.domain.refusal_sentences import Sentence
    from local.emulator.process import LocalAws


@pytest.mark.parametrize(
    ("pattern", "message", "passes"),
    [
        ("", "anything", True),
        ("ERROR failed", "failed: ERROR", True),
        ("ERROR failed", "ERROR", False),
        ("?ERROR ?WARN", "WARN: low", True),
        ("?ERROR ?WARN", "INFO", False),
        ('?"one two" ?"three four"', "three four", True),
        ('?"one two" ?"three four"', "two one four three", False),
        ('"One Two"', "one two", False),
        ("?ERROR WARN", "ERROR", False),
    ],
)
def test_a_pattern_matches_as_the_user_guide_says(pattern: str, message: str, passes: bool) -> None:
    assert matches(pattern, message) is passes


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.words)
def test_the_pattern_of_the_stack_lets_each_sentence_pass(sentence: Sentence) -> None:
    assert matches(filter_pattern(), f"Caused by: The {sentence.words}.")
    assert not matches(filter_pattern(), "InvalidClientTokenId: security token is missing")


def put_filter(bench: Workbench, group: str, name: str, pattern: str, function: str) -> str:
    """The error code; empty if it was accepted."""
    try:
        bench.client("logs").put_subscription_filter(
            logGroupName=group, filterName=name, filterPattern=pattern, destinationArn=function
        )
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_a_filter_needs_a_short_pattern_and_a_function_that_lets_it_in(aws: LocalAws) -> None:
    bench = Workbench(aws)
    group, nobody = bench.name("group"), f"arn:aws:lambda:us-east-1:{aws.account}:function:nobody"
    bench.client("logs").create_log_group(logGroupName=group)
    assert put_filter(bench, group, "long", "x" * 1025, nobody) == "InvalidParameterException"
    assert put_filter(bench, group, "denied", "x", nobody) == "InvalidParameterException"
    assert put_filter(bench, "missing", "any", "x", nobody) == "ResourceNotFoundException"
