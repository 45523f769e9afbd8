from __future__ import annotations

import itertools
import json

import pytest

from lambdas.aws.domain.user_agent import without_features
from lambdas.aws.usage_parser import count_calls, parse_authenticated_call
from tests.support.builders import a_record, an_event, key_id, signal_in

BOTO3 = (
    "Boto3/1.43.106 md/Botocore#1.43.106 ua/2.0 os/linux#6.8 md/arch#x86_64 lang/python#3.13.0"
    " md/pyimpl#CPython {}cfg/retry-mode#legacy Botocore/1.43.106"
)


@pytest.mark.parametrize("features", ["b,Z,D,N", "N,D,Z,b", "Z,b", "C,Z,b", "n"])
def test_the_features_of_a_call_are_no_part_of_the_program(features: str) -> None:
    assert without_features(BOTO3.format(f"m/{features} ")) == BOTO3.format("")


@pytest.mark.parametrize(
    ("agent", "kept"),
    [
        ("aws-sdk-js/3.900.0 ua/2.1 os/linux lang/js m/E,b", "aws-sdk-js/3.900.0 ua/2.1 os/linux lang/js"),
        ("[aws-sdk-java/2.35 md/io#sync m/D,b]", "[aws-sdk-java/2.35 md/io#sync]"),
        ("[m/D,b aws-sdk-java/2.35]", "[aws-sdk-java/2.35]"),
        ("rpm/4.16", "rpm/4.16"),
        ("app/m/one", "app/m/one"),
        ("m/", "m/"),
        ("", ""),
    ],
)
def test_nothing_else_is_removed(agent: str, kept: str) -> None:
    assert without_features(agent) == kept


def test_one_program_is_one_caller_in_whatever_order_its_processes_list_features() -> None:
    agents = [BOTO3.format(f"m/{','.join(order)} ") for order in itertools.permutations("bZDN")]
    callers = {
        signal.caller
        for agent in agents
        if (signal := signal_in(an_event(a_record(userAgent=agent)))) is not None
    }
    assert len(callers) == 1
    calls = (parse_authenticated_call(a_record(userAgent=each, errorCode=None), key_id()) for each in agents)
    [usage] = count_calls(call for call in calls if call)
    assert usage.calls == 24
    assert {usage.caller} == callers, json.dumps(sorted(agents))
