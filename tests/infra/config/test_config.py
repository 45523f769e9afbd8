from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.config.config import MAX_LOG_RETENTION_SECONDS, Config
from infra.config.durations import DAY
from infra.config.fields import ConfigError
from infra.config.subscriptions import AlertSubscription, Filter, Protocol, Subscription
from lambdas.diagnosis.domain.cause import Cause, Severity
from lambdas.rotation.domain.modes import Mode

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    [
        "subscriptions",
        "operationsSubscriptions",
        "mode",
        "knownAccounts",
        "organizationAccounts",
        "contactDomains",
        "chat",
        "incidentRetentionSeconds",
        "unknownKeyRecheckSeconds",
        "logRetentionSeconds",
        "regions",
        "predictionWindowSeconds",
        "deletionGraceSeconds",
        "syncIntervalSeconds",
        "rotation",
        "alerts",
    ]
)
MAIL = {"protocol": "email", "endpoint": "a@example.com"}


def subscribed(**fields: object) -> dict[str, object]:
    return {"subscriptions": [MAIL, {"protocol": "email", "endpoint": "b@example.com"} | fields]}


def test_nothing_configured_notifies_nobody_and_keeps_incidents_ninety_days() -> None:
    assert Config.from_context(None) == Config.from_context({}) == Config()
    assert Config().mode is Mode.NOTIFY
    assert Config().incident_retention_seconds == 90 * DAY
    assert Config().unknown_key_recheck_seconds == 900
    assert Config().organization_accounts == frozenset()


def test_nothing_configured_syncs_daily_and_predicts_for_keys_used_in_two_weeks() -> None:
    assert Config().regions == ()
    assert Config().sync_interval_seconds == DAY
    assert Config().prediction_window_seconds == 14 * DAY
    assert Config().deletion_grace_seconds == 90


def test_every_field_is_read() -> None:
    config = Config.from_context(
        {
            "mode": "auto",
            "knownAccounts": {"123456789012": "payments"},
            "organizationAccounts": ["123456789012", "000000000001"],
            "contactDomains": ["example.com", "xn--bcher-kva.example"],
            "runbookUrl": "https://wiki.example.com/keys/",
            "chat": True,
            "incidentRetentionSeconds": 1,
            "unknownKeyRecheckSeconds": 3,
            "logRetentionSeconds": 2,
            "regions": ["us-west-2", "us-gov-east-1"],
            "predictionWindowSeconds": 4,
            "deletionGraceSeconds": 5,
            "syncIntervalSeconds": 6,
            "subscriptions": [
                MAIL,
                {
                    "protocol": "sqs",
                    "endpoint": "arn:aws:sqs:us-east-1:111122223333:pager",
                    "filter": {
                        "owner": ["ci"],
                        "account": ["000000000001"],
                        "severity": ["high", "low"],
                        "cause": ["key-deleted"],
                    },
                },
            ],
            "operationsSubscriptions": [{"protocol": "https", "endpoint": "https://example.com/x"}],
        }
    )
    assert config == Config(
        mode=Mode.AUTO,
        known_accounts={"123456789012": "payments"},
        organization_accounts=frozenset({"123456789012", "000000000001"}),
        contact_domains=frozenset({"example.com", "xn--bcher-kva.example"}),
        runbook_url="https://wiki.example.com/keys/",
        chat=True,
        incident_retention_seconds=1,
        unknown_key_recheck_seconds=3,
        log_retention_seconds=2,
        regions=("us-west-2", "us-gov-east-1"),
        prediction_window_seconds=4,
        deletion_grace_seconds=5,
        sync_interval_seconds=6,
        subscriptions=(
            AlertSubscription(protocol=Protocol.EMAIL, endpoint="a@example.com"),
            AlertSubscription(
                protocol=Protocol.SQS,
                endpoint="arn:aws:sqs:us-east-1:111122223333:pager",
                filter=Filter(
                    owner=("ci",),
                    account=("000000000001",),
                    severity=(Severity.HIGH, Severity.LOW),
                    cause=(Cause.KEY_DELETED,),
                ),
            ),
        ),
        operations_subscriptions=(Subscription(protocol=Protocol.HTTPS, endpoint="https://example.com/x"),),
    )


def test_the_command_line_gives_the_same_as_text() -> None:
    assert Config.from_context(json.dumps(subscribed())) == Config.from_context(subscribed())


@pytest.mark.parametrize("text", ['{\n"mode": "auto"}', '{"mode":\n"auto"}', '{"contactDomains": ["x\n"]}'])
def test_a_text_that_the_command_line_cut_at_a_line_break_is_rejected_with_the_cause(text: str) -> None:
    """`cdk --context` passes on the first line alone."""
    first_line = text.splitlines()[0]
    with pytest.raises(ConfigError, match=r": must be JSON \(.*\) in one line; the text ends too early, "):
        Config.from_context(first_line)


def test_a_text_with_another_mistake_is_not_taken_for_a_cut_one() -> None:
    with pytest.raises(ConfigError) as rejected:
        Config.from_context('{"mode": auto}')
    assert "in one line" not in str(rejected.value)


@pytest.mark.parametrize(
    ("protocol", "endpoint"),
    [
        ("email", "c@example.com"),
        ("email-json", "c@example.com"),
        ("sqs", "arn:aws:sqs:eu-central-1:123456789012:alerts"),
        ("sqs", "arn:aws-cn:sqs:cn-north-1:123456789012:alerts.fifo"),
        ("lambda", "arn:aws:lambda:eu-central-1:123456789012:function:alerts:live"),
        ("https", "https://example.com/alerts"),
    ],
)
def test_every_protocol_takes_its_kind_of_endpoint(protocol: str, endpoint: str) -> None:
    config = Config.from_context(subscribed(protocol=protocol, endpoint=endpoint))
    assert config.subscriptions[1].endpoint == endpoint


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], ": must be an object; got []"),
        (
            "{mode: auto}",
            ": must be JSON (Expecting property name enclosed in double quotes: line 1",
        ),
        ("[]", ": must be an object; got []"),
        ({"mod": "auto"}, ".mod: no such field; did you mean mode?"),
        ({"graceSeconds": 1}, ".graceSeconds: no such field; did you mean rotation.graceSeconds?"),
        ({"zzz": 1}, ".zzz: no such field; there are subscriptions, operationsSubscriptions, mode, "),
        ({"stage_mode": "auto"}, ".stage_mode: no such field"),
        ({"mode": "Auto"}, ".mode: must be one of notify, approve, auto; got 'Auto'"),
        ({"mode": None}, ".mode: must be one of notify, approve, auto; got nothing"),
        ({"knownAccounts": []}, ".knownAccounts: must be an object; got []"),
        ({"knownAccounts": {"1": "x"}}, ".knownAccounts.1: must be named by an account id of 12 digits"),
        ({"knownAccounts": {"123456789012": " "}}, ".knownAccounts.123456789012: must be a text that is not"),
        ({"organizationAccounts": "123456789012"}, ".organizationAccounts: must be a list; got '123456789"),
        (
            {"organizationAccounts": ["123456789012", "1"]},
            ".organizationAccounts[1]: must be an account id of 12 digits, as a text; got '1'",
        ),
        ({"organizationAccounts": [123456789012]}, ".organizationAccounts[0]: must be an account id of 12"),
        (
            {"runbookUrl": "http://wiki.example.com/"},
            ".runbookUrl: must be an address that begins with https:",
        ),
        (
            {"runbookUrl": "https://wiki.example.com"},
            ".runbookUrl: must be an address that begins with https:",
        ),
        ({"runbookUrl": "https://wiki/?a=b/"}, ".runbookUrl: must be an address that begins with https:"),
        ({"contactDomains": "example.com"}, ".contactDomains: must be a list; got 'example.com'"),
        *(
            ({"contactDomains": ["example.org", wrong]}, ".contactDomains[1]: must be a domain name in lower")
            for wrong in (
                "",
                "Example.com",
                "@example.com",
                "*.example.com",
                "com",
                "example.com.",
                "example..com",
                "-a.example",
                "b\u00fccher.example",
                "example.com\n",
                "192.0.2.1",
                1,
            )
        ),
        ({"chat": "yes"}, ".chat: must be true or false; got 'yes'"),
        ({"unknownKeyRecheckSeconds": 0}, ".unknownKeyRecheckSeconds: must be a whole number of seconds, at"),
        ({"incidentRetentionSeconds": 0}, ".incidentRetentionSeconds: must be a whole number of seconds, at"),
        ({"incidentRetentionSeconds": True}, ".incidentRetentionSeconds: must be a whole number of seconds"),
        ({"incidentRetentionSeconds": 1.5}, ".incidentRetentionSeconds: must be a whole number of seconds"),
        ({"incidentRetentionSeconds": "90"}, ".incidentRetentionSeconds: must be a whole number of seconds"),
        ({"logRetentionSeconds": -1}, ".logRetentionSeconds: must be a whole number of seconds, at least 1"),
        (
            {"logRetentionSeconds": MAX_LOG_RETENTION_SECONDS + 1},
            ".logRetentionSeconds: must be at most 315619200 seconds; got 315619201",
        ),
        ({"regions": "us-west-2"}, ".regions: must be a list; got 'us-west-2'"),
        ({"regions": ["us-west-2", 1]}, ".regions[1]: must be the name of a region, such as eu-central-1; "),
        (
            {"regions": ["us-west"]},
            ".regions[0]: must be the name of a region, such as eu-central-1; got 'us",
        ),
        ({"regions": ["us-west-2", "us-west-2"]}, ".regions[1]: us-west-2 is named twice"),
        ({"deletionGraceSeconds": 901}, ".deletionGraceSeconds: must be at most 900 seconds; got 901"),
        ({"syncIntervalSeconds": 302401}, ".syncIntervalSeconds: must be at most 302400 seconds; got 302401"),
        (
            {"predictionWindowSeconds": 0},
            ".predictionWindowSeconds: must be a whole number of seconds, at le",
        ),
        ({"subscriptions": {}}, ".subscriptions: must be a list; got {}"),
        ({"subscriptions": ["a@example.com"]}, ".subscriptions[0]: must be an object; got 'a@example.com'"),
        (
            {"subscriptions": [MAIL | {"endpoint": f"{n}@example.com"} for n in range(120)]},
            ": subscriptions and operationsSubscriptions take 5070 characters together; at most 4096 ",
        ),
        (
            subscribed(protocol="emial"),
            ".subscriptions[1].protocol: must be one of email, email-json, sqs, lambda, https; got 'emi",
        ),
        (
            subscribed(protocol="http", endpoint="http://example.com"),
            ".subscriptions[1].protocol: must be one",
        ),
        (
            subscribed(protocol="sms", endpoint="+491701234567"),
            ".subscriptions[1].protocol: must be another protocol than sms: an alert does not fit ",
        ),
        (
            {"operationsSubscriptions": [{"protocol": "sms", "endpoint": "+491701234567"}]},
            ".operationsSubscriptions[0].protocol: must be another protocol than sms",
        ),
        (subscribed(protocol=None), ".subscriptions[1].protocol: must be one of email"),
        (subscribed(endpoint=""), ".subscriptions[1].endpoint: must be a text that is not empty; got ''"),
        (
            subscribed(endpoint="nobody"),
            ".subscriptions[1].endpoint: must be an e-mail address; got 'nobody'",
        ),
        (
            subscribed(protocol="sqs", endpoint="alerts"),
            ".subscriptions[1].endpoint: must be the ARN of a queue",
        ),
        (
            subscribed(protocol="lambda", endpoint="f"),
            ".subscriptions[1].endpoint: must be the ARN of a func",
        ),
        (
            subscribed(protocol="https", endpoint="http://example.com"),
            ".subscriptions[1].endpoint: must be a URL that begins with https://; got 'http://example.com'",
        ),
        (subscribed(filters={}), ".subscriptions[1].filters: no such field; did you mean filter?"),
        (subscribed(filter=[]), ".subscriptions[1].filter: must be an object; got []"),
        (
            subscribed(filter={"sevrity": []}),
            ".subscriptions[1].filter.sevrity: no such field; did you mean sev",
        ),
        (subscribed(filter={"owner": "ci"}), ".subscriptions[1].filter.owner: must be a list; got 'ci'"),
        (subscribed(filter={"owner": []}), ".subscriptions[1].filter.owner: must be a list of one value or"),
        (
            subscribed(filter={"owner": ["ci", 1]}),
            ".subscriptions[1].filter.owner[1]: must be a text that is",
        ),
        (
            subscribed(filter={"severity": ["fatal"]}),
            ".subscriptions[1].filter.severity[0]: must be one of critical, high, medium, low; got 'fatal'",
        ),
        (
            subscribed(filter={"account": ["1"]}),
            ".subscriptions[1].filter.account[0]: must be an account id of 12 digits, as a text; got '1'",
        ),
        (subscribed(filter={"cause": ["deleted"]}), ".subscriptions[1].filter.cause[0]: must be one of "),
        (
            subscribed(
                filter={"owner": [f"user-{n}" for n in range(51)], "severity": ["low", "high", "medium"]}
            ),
            ".subscriptions[1].filter: has 153 combinations of values; SNS allows 150",
        ),
        (
            subscribed(endpoint="a@example.com"),
            ".subscriptions[1]: has the protocol and endpoint of access-key-remediator.subscriptions[0]",
        ),
        (
            {"operationsSubscriptions": [MAIL | {"filter": {}}]},
            ".operationsSubscriptions[0].filter: no such field; there are protocol, endpoint",
        ),
        (
            {"operationsSubscriptions": [MAIL, MAIL]},
            ".operationsSubscriptions[1]: has the protocol and endpoint of ",
        ),
    ],
)
def test_a_wrong_field_is_rejected_with_its_path(value: object, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Config.from_context(value)
    assert str(refused.value).startswith(f"access-key-remediator{message}")


@pytest.mark.parametrize(
    "value",
    [
        {"knownAccounts": {f"{number:012}": "x" * 40 for number in range(60)}},
        {"organizationAccounts": [f"{number:012}" for number in range(160)]},
        {"contactDomains": [f"{number:060}.example" for number in range(40)]},
        {"rotation": {"automations": [f"user/{'x' * 60}"] * 40}},
        {"rotation": {"backupUsers": {f"{number:060}": "x" * 60 for number in range(20)}}},
        {"rotation": {"secretTags": {f"{number:060}": "x" * 60 for number in range(20)}}},
    ],
    ids=["knownAccounts", "organizationAccounts", "contactDomains", "automations", "backupUsers", "tags"],
)
def test_more_names_than_fit_into_an_environment_are_rejected(value: dict[str, object]) -> None:
    with pytest.raises(
        ConfigError, match="bytes together; at most 2000 fit next to the rest of a function's"
    ):
        Config.from_context(value)


@given(FIELDS, JSON_VALUES)
def test_any_value_of_a_field_is_accepted_or_rejected_with_its_path(field: str, value: object) -> None:
    try:
        Config.from_context({field: value})
    except ConfigError as refused:
        assert str(refused).startswith(f"access-key-remediator.{field}")  # noqa: PT017 - or nothing is raised
