from __future__ import annotations

from dataclasses import replace

from lambdas.aws.domain.iam import Usage
from lambdas.aws.domain.wording import callers_shown, describe_usage
from tests.support.builders import NOON, a_caller

LONG = (
    "Boto3/1.43.106 md/Botocore 1.43.106 ua/2.0 os/linux 6.8 md/arch x86_64 lang/python 3.13.0 cfg/retry-mode"
)


def test_a_user_agent_is_cut_at_its_end() -> None:
    [shown] = callers_shown([a_caller(user_agent=LONG)])
    assert shown.startswith("203.0.113.7, Boto3/1[.]43[.]106 md/Botocore")
    assert shown.endswith("...")
    assert len(shown) == len("203.0.113.7, ") + 100


def test_two_programs_of_one_source_that_begin_alike_are_shown_where_they_differ() -> None:
    one, other = a_caller(user_agent=f"{LONG} app/billing"), a_caller(user_agent=f"{LONG} app/backup")
    assert callers_shown([one, other]) == [
        "203.0.113.7, Boto3/1[.]43[.]106 md/Botocore 1[.]43[.]... app/billing",
        "203.0.113.7, Boto3/1[.]43[.]106 md/Botocore 1[.]43[.]... app/backup",
    ]


def test_a_program_whose_name_begins_with_that_of_another_is_shown_whole_at_the_end() -> None:
    shown = callers_shown([a_caller(user_agent=f"{LONG} app/job"), a_caller(user_agent=f"{LONG} app/job2")])
    assert [line.rpartition(" ")[2] for line in shown] == ["app/job", "app/job2"]


def test_programs_of_other_sources_need_no_more_than_their_source() -> None:
    one, other = a_caller(user_agent=f"{LONG} one"), a_caller("198.51.100.1", f"{LONG} other")
    assert all(line.endswith("...") for line in callers_shown([one, other]))


def test_one_program_that_calls_two_services_is_shown_alike_in_both_lines() -> None:
    use = Usage(caller=a_caller(user_agent=LONG), service="s3", region="eu-west-1", calls=1, last_at=NOON)
    shown = describe_usage((use, replace(use, service="sqs")), "Will fail")
    assert len({line.partition(": 1 call")[0] for line in shown}) == 1
