from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.alerting.domain.alert import BODY_LIMIT, SUBJECT_LIMIT
from lambdas.alerting.domain.exemption_alert import compose_exemption_alert
from lambdas.decisions.domain.exemption import Exemption, Scope
from tests.support.builders import ACCOUNT, HOME, NOON, an_exemption


def test_it_says_what_is_over_since_when_and_who_wrote_it() -> None:
    alert = compose_exemption_alert(an_exemption("user:ci_bot", expires=NOON), HOME)
    assert alert.subject == "[low] exemption expired: user:ci_bot"
    assert "The exemption user:ci_bot expired at 2026-03-14 12:00:00 UTC." in alert.body
    assert "Author: arn[:]aws[:]sts[:][:]123456789012[:]assumed-role/admin/bob" in alert.body
    assert "Reason: replaced in May" in alert.body
    assert alert.attributes == {
        "cause": "-",
        "decision": "notify",
        "severity": "low",
        "owner": "ci_bot",
        "account": ACCOUNT,
        "region": "-",
        "contact": "-",
    }


def test_an_invalid_exemption_is_reported_with_the_reason() -> None:
    alert = compose_exemption_alert(an_exemption("network:0.0.0.0/0"), HOME)
    assert alert.subject == "[low] exemption not in force: network:0.0.0.0/0"
    assert "is not in force: a network wider than /8 is too wide." in alert.body


@pytest.mark.parametrize("name", ["key:AKIAIOSFODNN7EXAMPLE", "user:no such name", "path:/ci/", "team:x"])
def test_only_a_users_name_becomes_the_owner(name: str) -> None:
    assert compose_exemption_alert(an_exemption(name), HOME).attributes["owner"] == "-"


@given(
    st.sampled_from([f"{scope}:" for scope in Scope] + [""]),
    st.text(),
    st.text(),
    st.text(),
    st.sampled_from([None, NOON]),
)
def test_no_text_breaks_the_limits_or_smuggles_anything(
    scope: str, value: str, reason: str, author: str, expires: None
) -> None:
    exemption = Exemption(name=scope + value, reason=reason, author=author, expires=expires)
    alert = compose_exemption_alert(exemption, HOME)
    plain = compose_exemption_alert(an_exemption("user:alice", expires=NOON), HOME)
    assert len(alert.subject) <= SUBJECT_LIMIT
    assert alert.subject.isprintable()
    assert alert.body.count("\n") == plain.body.count("\n") <= BODY_LIMIT
    for text in (alert.subject, alert.body):
        assert text.isascii()
        assert not set(text) & set("<>{}|*~`\\#&")
        assert "http:" not in text
        assert "https:" not in text
    assert all(alert.attributes.values())
