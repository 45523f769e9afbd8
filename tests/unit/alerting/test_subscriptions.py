"""Which deployed subscriptions are not confirmed, and what is said of them."""

from __future__ import annotations

import pytest

from lambdas.alerting.domain.alert import BODY_LIMIT, SUBJECT_LIMIT
from lambdas.alerting.domain.subscription_alert import compose_subscription_alert
from lambdas.alerting.domain.subscriptions import (
    DeployedSubscriptions,
    ListedSubscription,
    PeopleTopic,
    TopicStatus,
    digest_of,
    masked,
    topic_status,
)
from tests.support.builders import ACCOUNT, HOME, NOON

ALICE, QUEUE = "alice@example.com", "arn:aws:sqs:us-east-1:123456789012:pager"
DEPLOYED = DeployedSubscriptions(
    by_topic={
        PeopleTopic.ALERTS: {
            digest_of("email", ALICE): masked("email", ALICE),
            digest_of("sqs", QUEUE): masked("sqs", QUEUE),
        }
    },
    since=NOON,
)
ARNS = {topic: f"arn:aws:sns:us-east-1:{ACCOUNT}:{topic}" for topic in PeopleTopic}


def listed(protocol: str, endpoint: str, *, confirmed: bool = True) -> ListedSubscription:
    return ListedSubscription(protocol=protocol, endpoint=endpoint, confirmed=confirmed)


@pytest.mark.parametrize(
    ("subscriptions", "confirmed", "missing"),
    [
        ([listed("email", ALICE), listed("sqs", QUEUE)], 2, ()),
        ([listed("email", ALICE, confirmed=False), listed("sqs", QUEUE)], 1, ("email a***@example.com",)),
        ([listed("email", ALICE)], 1, ("sqs pager",)),
        ([listed("email", "by-hand@example.com")], 1, ("email a***@example.com", "sqs pager")),
        ([], 0, ("email a***@example.com", "sqs pager")),
    ],
)
def test_a_subscription_is_missing_unless_sns_lists_it_as_confirmed(
    subscriptions: list[ListedSubscription], confirmed: int, missing: tuple[str, ...]
) -> None:
    status = topic_status(PeopleTopic.ALERTS, DEPLOYED, subscriptions)
    assert (status.confirmed, status.missing) == (confirmed, missing)
    assert status.is_complete is not bool(missing)


def test_a_topic_without_any_subscription_is_incomplete_though_none_was_deployed() -> None:
    assert not topic_status(PeopleTopic.OPERATIONS, DEPLOYED, []).is_complete
    assert topic_status(PeopleTopic.OPERATIONS, DEPLOYED, [listed("email", ALICE)]).is_complete


def test_a_url_is_the_same_one_though_sns_masks_its_password() -> None:
    ours = digest_of("https", "https://user:pass@example.com/x")
    assert digest_of("https", "https://user:****@example.com/x") == ours
    assert digest_of("https", "https://user:****@example.com/y") != ours


@pytest.mark.parametrize(
    ("protocol", "endpoint", "shown"),
    [
        ("email", ALICE, "email a***@example.com"),
        ("email-json", "x@example.com", "email-json x***@example.com"),
        ("https", "https://user:pass@example.com/integration/0123/enqueue", "https https://example.com/***"),
        ("sqs", QUEUE, "sqs pager"),
        ("lambda", "arn:aws:lambda:us-east-1:123456789012:function:pager", "lambda pager"),
    ],
)
def test_an_endpoint_is_named_without_what_is_personal_or_a_key(
    protocol: str, endpoint: str, shown: str
) -> None:
    assert masked(protocol, endpoint) == shown


def test_the_alert_says_which_topic_is_silent_and_names_each_endpoint() -> None:
    incomplete = [
        TopicStatus(topic=PeopleTopic.OPERATIONS, confirmed=2, missing=("sqs pager",)),
        TopicStatus(topic=PeopleTopic.ALERTS, confirmed=0, missing=("email a***@example.com",)),
    ]
    alert = compose_subscription_alert(incomplete, ARNS, HOME)
    assert alert.subject == "[high] subscriptions: nobody gets alerts"
    assert "  The alerts topic has none that is confirmed: nobody gets alerts.\n" in alert.body
    assert "  Not confirmed, or deleted, on the alerts topic: email a***@example.com\n" in alert.body
    assert "  Not confirmed, or deleted, on the operations topic: sqs pager\n" in alert.body
    for topic in PeopleTopic:
        assert (
            f"    aws sns list-subscriptions-by-topic --region=us-east-1 --topic-arn {ARNS[topic]}\n"
            in alert.body
        )
    assert (alert.attributes["severity"], alert.attributes["cause"]) == ("high", "-")


def test_the_alert_stays_short_however_many_are_missing() -> None:
    many = tuple(f"email {number}***@example.com" for number in range(90))
    incomplete = [TopicStatus(topic=topic, confirmed=1, missing=many) for topic in PeopleTopic]
    alert = compose_subscription_alert(incomplete, ARNS, HOME)
    assert alert.subject == "[high] subscriptions: 180 not confirmed or deleted"
    assert "and 80 more on the alerts topic" in alert.body
    assert alert.body.count("\n") <= BODY_LIMIT
    assert len(alert.subject) <= SUBJECT_LIMIT
