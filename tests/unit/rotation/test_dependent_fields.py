"""The fields of a managed secret that follow its key, those that stay, and those that people must look at."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambdas.rotation.domain.dependent_fields import fields_left_behind, renewed_fields, with_new_key
from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
from lambdas.rotation.domain.smtp_password import REGIONS, smtp_password

PLAIN = "A" * 40  # without any character that a URL escapes
OLD = NewKey(
    access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE+EY"
)
NEW = NewKey(
    access_key_id="AKIAI44QH8DHBEXAMPLE", secret_access_key="je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLE+EY"
)
OTHER_ID = "AKIAZZZZZZZZZZZZZZZZ"

secrets = st.text("ABCabc019/+", min_size=40, max_size=40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def a_secret(key: NewKey | None = OLD, **others: Any) -> ManagedSecret:
    return ManagedSecret(user_name="alice", key=key, others=others)


def renewed(text: Any) -> Any:
    return with_new_key(a_secret(field=text), NEW).others["field"]


def quoted(text: str) -> str:
    return quote(text, safe="")


def lower(text: str) -> str:
    return quoted(text).replace("%2F", "%2f").replace("%2B", "%2b")


OLD_ID, OLD_SECRET = OLD.access_key_id, OLD.secret_access_key
NEW_ID, NEW_SECRET = NEW.access_key_id, NEW.secret_access_key
OLD_SMTP, NEW_SMTP = smtp_password(OLD_SECRET, "eu-west-1"), smtp_password(NEW_SECRET, "eu-west-1")
HOST = "email-smtp.eu-west-1.amazonaws.com:587"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OLD_ID, NEW_ID),
        (OLD_SECRET, NEW_SECRET),
        (OLD_SMTP, NEW_SMTP),
        (
            f"[default]\naws_access_key_id={OLD_ID}\naws_secret_access_key={OLD_SECRET}\n",
            f"[default]\naws_access_key_id={NEW_ID}\naws_secret_access_key={NEW_SECRET}\n",
        ),
        (f"ses+smtp://{OLD_ID}:{quoted(OLD_SMTP)}@{HOST}", f"ses+smtp://{NEW_ID}:{quoted(NEW_SMTP)}@{HOST}"),
        (f"sqs://{OLD_ID}:{quoted(OLD_SECRET)}@", f"sqs://{NEW_ID}:{quoted(NEW_SECRET)}@"),
        (f"sqs://{OLD_ID}:{lower(OLD_SECRET)}@", f"sqs://{NEW_ID}:{lower(NEW_SECRET)}@"),
        (f"s3://{OLD_ID}:{OLD_SECRET}@bucket", f"s3://{NEW_ID}:{NEW_SECRET}@bucket"),
        (quoted(OLD_SECRET), quoted(NEW_SECRET)),
        (
            json.dumps({"id": OLD_ID, "secret": OLD_SECRET}).replace("/", "\\/"),
            json.dumps({"id": NEW_ID, "secret": NEW_SECRET}).replace("/", "\\/"),
        ),
        (
            {"smtp": {"user": OLD_ID, "passwords": [OLD_SMTP]}},
            {"smtp": {"user": NEW_ID, "passwords": [NEW_SMTP]}},
        ),
        ({OLD_ID: OLD_SECRET}, {NEW_ID: NEW_SECRET}),
        (f"{OLD_ID},{OLD_ID}", f"{NEW_ID},{NEW_ID}"),
    ],
)
def test_a_field_that_contains_the_key_follows_it_in_its_own_form(before: Any, after: Any) -> None:
    assert renewed(before) == after


@pytest.mark.parametrize("region", REGIONS)
def test_a_password_for_any_region_is_derived_again_for_that_region(region: str) -> None:
    assert renewed(smtp_password(OLD_SECRET, region)) == smtp_password(NEW_SECRET, region)


@given(old=secrets, new=secrets)
def test_whoever_reads_a_url_gets_the_new_key_whatever_characters_both_have(old: str, new: str) -> None:
    before = NewKey(access_key_id=OLD_ID, secret_access_key=old)
    after = NewKey(access_key_id=NEW_ID, secret_access_key=new)
    url = f"smtp://{OLD_ID}:{quoted(old)}@host?secret={quoted(old)}"
    parts = urlsplit(str(with_new_key(a_secret(before, url=url), after).others["url"]))
    assert unquote(parts.password or "") == new
    assert parse_qs(parts.query) == {"secret": [new]}


@given(old=secrets, new=secrets)
def test_a_text_that_is_no_url_contains_the_new_secret_as_it_is(old: str, new: str) -> None:
    before = NewKey(access_key_id=OLD_ID, secret_access_key=old)
    after = NewKey(access_key_id=NEW_ID, secret_access_key=new)
    others = with_new_key(a_secret(before, line=f"secret={old};", whole=old), after).others
    assert others == {"line": f"secret={new};", "whole": new}


@given(others=st.dictionaries(st.text(), json_values))
def test_nothing_else_changes(others: dict[str, Any]) -> None:
    assume(not any(part in json.dumps(others) for part in (OLD_ID, OLD_SECRET, OLD_SMTP)))
    before = a_secret(
        **{"Password": "hunter2", **{name: value for name, value in others.items() if name != "key"}}
    )
    after = with_new_key(before, NEW)
    assert after.others == before.others
    assert (after.user_name, after.key) == ("alice", NEW)
    assert renewed_fields(before, after) == ()


def test_there_and_back_gives_the_same_fields() -> None:
    """A secret that fails over, or is rolled back by hand, agrees with itself again."""
    fields: dict[str, Any] = {
        "url": f"smtp://{OLD_ID}:{quoted(OLD_SMTP)}@{HOST}",
        "user": OLD_ID,
        "nested": [{"a": OLD_SECRET}],
    }
    before = a_secret(**fields)
    assert with_new_key(with_new_key(before, NEW), OLD).others == fields


def test_a_secret_without_a_key_has_no_dependent_fields() -> None:
    before = a_secret(None, user=OLD_ID, password=OLD_SMTP)
    assert with_new_key(before, NEW).others == before.others
    assert fields_left_behind(before) == ()


def test_a_text_too_short_for_a_key_replaces_nothing() -> None:
    """A person may have written something else where the key should be."""
    before = a_secret(NewKey(access_key_id="x", secret_access_key="e"), Host="example")
    assert with_new_key(before, NEW).others == {"Host": "example"}


def test_the_renewed_fields_are_named() -> None:
    before = a_secret(SmtpUser=OLD_ID, SmtpPassword=OLD_SMTP, Host="mail.example")
    assert renewed_fields(before, with_new_key(before, NEW)) == ("SmtpUser", "SmtpPassword")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            smtp_password(NEW_SECRET, "eu-west-1"),
            "looks like an SES SMTP password, but is not derived from this key for any known region",
        ),
        (
            smtp_password(OLD_SECRET, "xx-new-1"),
            "looks like an SES SMTP password, but is not derived from this key for any known region",
        ),
        (base64.b64encode(f"{OLD_ID}:{OLD_SECRET}".encode()).decode(), "contains the key in base64"),
        (base64.urlsafe_b64encode(f"???{OLD_SECRET}>>>".encode()).decode(), "contains the key in base64"),
        (f"user {OTHER_ID}", f"contains the id of another key, {OTHER_ID}"),
    ],
)
def test_a_field_that_no_rotation_renews_is_named_with_the_reason(text: str, reason: str) -> None:
    secret = a_secret(Mail={"Password": [text]}, Host="mail.example", Renewed=OLD_SMTP)
    assert fields_left_behind(secret) == (f"Mail.Password {reason}",)
    assert with_new_key(secret, NEW).others["Mail"] == secret.others["Mail"]


@given(others=st.dictionaries(st.text(), json_values))
def test_no_reason_shows_a_value(others: dict[str, Any]) -> None:
    secret = a_secret(
        **{f"_{name}": value for name, value in others.items()}, Password=OLD_SECRET, Smtp=NEW_SMTP
    )
    shown = " ".join(fields_left_behind(secret))
    assert OLD_SECRET not in shown
    assert NEW_SMTP not in shown


def test_a_plain_secret_in_a_url_is_replaced_by_an_escaped_one() -> None:
    """A secret without special characters looks the same in every form; its successor does not."""
    before = a_secret(
        NewKey(access_key_id=OLD_ID, secret_access_key=PLAIN), url=f"s3://{OLD_ID}:{PLAIN}@bucket"
    )
    assert with_new_key(before, NEW).others["url"] == f"s3://{NEW_ID}:{quoted(NEW_SECRET)}@bucket"
