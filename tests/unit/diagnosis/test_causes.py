"""A table of signals and evidence, each row with its cause; then properties of all cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.aws.domain.error_codes import (
    EXPIRED_CODES,
    KEY_FAILURE_CODES,
    RELATED_CODES,
    SIGNATURE_CODES,
    strip_client_prefix,
)
from lambdas.aws.domain.iam import KeyChange, ListedKey, Usage
from lambdas.decisions.domain.guardrails import ROTATABLE
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.causes import diagnose
from lambdas.diagnosis.domain.diagnosis import Confidence
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.remedies import CHECK_CLOCK_AND_PAIR
from lambdas.diagnosis.domain.unread import Source, Unread
from lambdas.ledger.domain.occurrence import Occurrence, recorded
from lambdas.ledger.domain.owner import Owner
from tests.support.builders import (
    ACCOUNT,
    ALICE,
    DELETED_USER,
    FOUND_BY_SYNC,
    HOME,
    LAST_USE,
    NEAR,
    NOON,
    OTHER_ACCOUNT,
    REFUSED,
    a_caller,
    a_case,
    a_change,
    a_deleted_key,
    a_listed_key,
    a_predicted_outage,
    a_quarantined_key,
    a_signal,
    a_superseded_key,
    an_active_key,
    an_inactive_key,
    an_issue,
    an_unknown_key,
    key_id,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.diagnosis.domain.diagnosis import Case, Diagnosis

OTHER_MATTER = "No account found for the given parameters"
REFUSED_BY_EC2 = "AWS was not able to validate the provided access credentials"
REFUSED_BY_S3 = "The AWS Access Key Id you provided does not exist in our records."
EXPIRED = "The security token included in the request is expired"
GONE_USER = Owner(name="alice", exists=False)
NOT_A_KEY = Cause.NOT_A_KEY_FAILURE
KEY, SESSION, FOREIGN = key_id(), key_id(prefix="ASIA"), key_id(account=OTHER_ACCOUNT)
OLD_FORM = "AKIAJ2345672345672AB"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz"
SAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
QUARANTINE = "AWSCompromisedKeyQuarantineV2"
ROOT_SIGNAL = a_signal(principal_type="Root")
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE


def created_before_the_call(seconds: int, status: str = "Active") -> ListedKey:
    return replace(a_listed_key(status=status), created_at=NOON - timedelta(seconds=seconds))


def change_before_the_call(event_name: str, seconds: int) -> KeyChange:
    return replace(a_change(event_name), at=NOON - timedelta(seconds=seconds))


def reactivated(at: datetime) -> KeyChange:
    return replace(a_change("UpdateAccessKey", status="Active"), at=at)


TABLE = {
    "inactive": (a_signal(), an_inactive_key(), Cause.KEY_INACTIVE, CERTAIN),
    "inactive, message unlisted": (
        a_signal(error_message="?"),
        an_inactive_key(),
        Cause.KEY_INACTIVE,
        CERTAIN,
    ),
    "inactive, no message": (a_signal(error_message=""), an_inactive_key(), Cause.KEY_INACTIVE, CERTAIN),
    "expired status": (
        a_signal(),
        an_inactive_key(key=a_listed_key(status="Expired")),
        Cause.KEY_INACTIVE,
        CERTAIN,
    ),
    "inactive, but another matter": (
        a_signal(error_message=OTHER_MATTER),
        Evidence(),
        Cause.NOT_A_KEY_FAILURE,
        CERTAIN,
    ),
    "active, message listed": (a_signal(), an_active_key(), Cause.ACTIVE_KEY_REJECTED, LIKELY),
    "active, message listed, of a JSON service": (
        a_signal(service="dynamodb", error_code="UnrecognizedClientException"),
        an_active_key(),
        Cause.ACTIVE_KEY_REJECTED,
        LIKELY,
    ),
    "active, S3 does not know the id": (
        a_signal(service="s3", error_code="InvalidAccessKeyId", error_message=REFUSED_BY_S3),
        an_active_key(),
        Cause.ACTIVE_KEY_REJECTED,
        POSSIBLE,
    ),
    "active, EC2's one message for everything that is wrong with credentials": (
        a_signal(service="ec2", error_code="Client.AuthFailure", error_message=REFUSED_BY_EC2),
        an_active_key(),
        Cause.ACTIVE_KEY_REJECTED,
        POSSIBLE,
    ),
    "active, EC2's code for a missing permission": (
        a_signal(
            service="ec2", error_code="Client.AuthFailure", error_message="Not authorized for images: [ami-1]"
        ),
        an_active_key(),
        NOT_A_KEY,
        CERTAIN,
    ),
    "active, EC2's code for an address of somebody else": (
        a_signal(
            service="ec2",
            error_code="Client.AuthFailure",
            error_message="The address '203.0.113.9' does not belong to you.",
        ),
        an_active_key(),
        NOT_A_KEY,
        CERTAIN,
    ),
    "active, no message": (a_signal(error_message=""), an_active_key(), NOT_A_KEY, CERTAIN),
    "active, reactivated after the call": (
        a_signal(),
        replace(an_active_key(), reactivation=recorded(NOON + timedelta(minutes=2), "user/bob")),
        NOT_A_KEY,
        LIKELY,
    ),
    "active, reactivated half a minute before the call": (
        a_signal(),
        replace(an_active_key(), reactivation=recorded(NOON - timedelta(seconds=30), "user/bob")),
        NOT_A_KEY,
        LIKELY,
    ),
    "active, reactivated long before the call": (
        a_signal(),
        replace(an_active_key(), reactivation=recorded(NOON - timedelta(minutes=2), "user/bob")),
        Cause.ACTIVE_KEY_REJECTED,
        LIKELY,
    ),
    "active, inactive in the ledger a moment ago": (
        a_signal(),
        replace(an_active_key(), inactive_at=NOON - timedelta(minutes=2)),
        NOT_A_KEY,
        LIKELY,
    ),
    "active, by a sync since a day, and deactivated before that": (
        a_signal(),
        replace(an_active_key(), reactivation=Occurrence(after=None, until=NOON - timedelta(days=1))),
        Cause.ACTIVE_KEY_REJECTED,
        LIKELY,
    ),
    "active, reactivated after the call, wrong signature": (
        a_signal(error_code="SignatureDoesNotMatch"),
        replace(an_active_key(), reactivation=recorded(NOON + timedelta(minutes=2), "user/bob")),
        Cause.ACTIVE_KEY_REJECTED,
        LIKELY,
    ),
    "active, message unlisted": (a_signal(error_message="?"), an_active_key(), NOT_A_KEY, CERTAIN),
    "made by an AWS service": (a_signal(made_by_aws=True), Evidence(), NOT_A_KEY, CERTAIN),
    "temporary key, message unlisted": (a_signal(SESSION, error_message="?"), Evidence(), NOT_A_KEY, CERTAIN),
    "another's id, message unlisted": (a_signal(FOREIGN, error_message="?"), Evidence(), NOT_A_KEY, CERTAIN),
    "signature, but no key": (
        a_signal("", error_code="SignatureDoesNotMatch"),
        Evidence(),
        NOT_A_KEY,
        CERTAIN,
    ),
    "a secret instead of an id": (a_signal(SECRET), Evidence(), Cause.MALFORMED_KEY, LIKELY),
    "an id and a secret pasted together": (a_signal(KEY + SECRET), Evidence(), Cause.MALFORMED_KEY, LIKELY),
    "id of the documentation": (a_signal("AKIAIOSFODNN7EXAMPLE"), Evidence(), Cause.PLACEHOLDER_KEY, CERTAIN),
    "id of a template": (a_signal("<YOUR_KEY>"), Evidence(), Cause.PLACEHOLDER_KEY, CERTAIN),
    "masked id": (a_signal("AKIAXXXXXXXXXXXXXXXX"), Evidence(), Cause.PLACEHOLDER_KEY, CERTAIN),
    "session, message listed": (a_signal(SESSION), Evidence(), Cause.TEMPORARY_CREDENTIAL, LIKELY),
    "session, expired": (
        a_signal(SESSION, error_code="ExpiredToken", error_message="The security token has expired"),
        Evidence(issue=an_issue()),
        Cause.TEMPORARY_CREDENTIAL,
        CERTAIN,
    ),
    "session without its id, expired": (
        a_signal("", principal_type="AssumedRole", error_code="ExpiredTokenException", error_message=EXPIRED),
        Evidence(),
        Cause.TEMPORARY_CREDENTIAL,
        CERTAIN,
    ),
    "session with a hidden character": (a_signal(SESSION + " "), Evidence(), Cause.MALFORMED_KEY, CERTAIN),
    "quarantined and inactive": (a_signal(), a_quarantined_key(), Cause.QUARANTINED_KEY, CERTAIN),
    "quarantined and active": (
        a_signal(),
        replace(an_active_key(), quarantine_policy=QUARANTINE),
        Cause.QUARANTINED_KEY,
        CERTAIN,
    ),
    "quarantined, but another matter": (
        a_signal(error_message=OTHER_MATTER),
        a_quarantined_key(),
        NOT_A_KEY,
        CERTAIN,
    ),
    "root user, message listed": (ROOT_SIGNAL, Evidence(), Cause.ROOT_KEY, LIKELY),
    "root user, message unlisted": (replace(ROOT_SIGNAL, error_message="?"), Evidence(), NOT_A_KEY, CERTAIN),
    "made by root for root": (
        a_signal(),
        Evidence(looked_up=True, history=(replace(a_change("CreateAccessKey", user_name=""), by="root"),)),
        Cause.ROOT_KEY,
        CERTAIN,
    ),
    "deleted by root for root": (
        a_signal(),
        Evidence(looked_up=True, history=(replace(a_change("DeleteAccessKey", user_name=""), by="root"),)),
        Cause.ROOT_KEY,
        CERTAIN,
    ),
    "active and half a minute old": (
        a_signal(),
        replace(an_active_key(), key=created_before_the_call(30)),
        Cause.KEY_NOT_PROPAGATED,
        LIKELY,
    ),
    "half a minute old, and not listed yet": (
        a_signal(),
        a_deleted_key(history=(change_before_the_call("CreateAccessKey", 30),)),
        Cause.KEY_NOT_PROPAGATED,
        LIKELY,
    ),
    "half a minute old, and the listing cannot be read": (
        a_signal(),
        a_deleted_key(
            history=(change_before_the_call("CreateAccessKey", 30),),
            unread=(Unread(source=Source.LISTING, error="iam:ListAccessKeys: AccessDenied"),),
        ),
        Cause.UNKNOWN_KEY,
        POSSIBLE,
    ),
    "half a minute old, and deleted since": (
        a_signal(),
        a_deleted_key(
            history=(
                change_before_the_call("CreateAccessKey", 30),
                change_before_the_call("DeleteAccessKey", 10),
            )
        ),
        Cause.KEY_DELETED,
        CERTAIN,
    ),
    "a minute old, and not listed": (
        a_signal(),
        a_deleted_key(history=(change_before_the_call("CreateAccessKey", 60),)),
        Cause.KEY_DELETED,
        LIKELY,
    ),
    "active and half a minute old, wrong signature": (
        a_signal(error_code="SignatureDoesNotMatch"),
        replace(an_active_key(), key=created_before_the_call(30)),
        Cause.ACTIVE_KEY_REJECTED,
        LIKELY,
    ),
    "active and a minute old": (
        a_signal(),
        replace(an_active_key(), key=created_before_the_call(60)),
        Cause.ACTIVE_KEY_REJECTED,
        LIKELY,
    ),
    "inactive and half a minute old": (
        a_signal(),
        an_inactive_key(key=created_before_the_call(30, "Inactive")),
        Cause.KEY_INACTIVE,
        CERTAIN,
    ),
    "inactive and superseded": (a_signal(), a_superseded_key(), Cause.SUPERSEDED_KEY, LIKELY),
    "deleted and superseded": (a_signal(), a_superseded_key(key=None), Cause.SUPERSEDED_KEY, LIKELY),
    "active, wrong signature": (
        a_signal(error_code="SignatureDoesNotMatch"),
        an_active_key(),
        Cause.ACTIVE_KEY_REJECTED,
        LIKELY,
    ),
    "inactive, wrong signature": (
        a_signal(error_code="InvalidSignatureException"),
        an_inactive_key(),
        Cause.KEY_INACTIVE,
        CERTAIN,
    ),
    "active, with a session token": (
        a_signal(error_code="InvalidToken"),
        an_active_key(),
        Cause.ACTIVE_KEY_REJECTED,
        LIKELY,
    ),
    "active, region to be enabled": (
        a_signal(region="eu-south-1"),
        an_active_key(),
        Cause.ACTIVE_KEY_REJECTED,
        LIKELY,
    ),
    "active, another partition's region": (
        a_signal(region="cn-north-1"),
        an_active_key(),
        Cause.ACTIVE_KEY_REJECTED,
        LIKELY,
    ),
    "too short": (a_signal(KEY[:-1]), an_unknown_key(), Cause.MALFORMED_KEY, CERTAIN),
    "id of a user": (a_signal("AIDATFQR7NSC5AU2ZV3IE"), an_unknown_key(), Cause.MALFORMED_KEY, CERTAIN),
    "an id and a secret in lines": (
        a_signal(f"{KEY}\n{SECRET[:20]}\n{SECRET[20:]}"),
        Evidence(),
        Cause.MALFORMED_KEY,
        LIKELY,
    ),
    "lower case": (a_signal(KEY.lower()), Evidence(), Cause.MALFORMED_KEY, CERTAIN),
    "another account's": (a_signal(FOREIGN), an_unknown_key(), Cause.OTHER_ACCOUNT, LIKELY),
    "another account's by STS": (
        a_signal(OLD_FORM),
        replace(an_unknown_key(), sts_account=OTHER_ACCOUNT),
        Cause.OTHER_ACCOUNT,
        LIKELY,
    ),
    "of the old format, STS has no account": (
        a_signal(OLD_FORM),
        an_unknown_key(),
        Cause.UNKNOWN_KEY,
        LIKELY,
    ),
    "deleted, on record": (a_signal(), a_deleted_key(), Cause.KEY_DELETED, CERTAIN),
    "deleted, creation alone on record": (
        a_signal(),
        a_deleted_key(history=(a_change("CreateAccessKey"),)),
        Cause.KEY_DELETED,
        LIKELY,
    ),
    "resolved but not listed": (
        a_signal(),
        Evidence(looked_up=True, owner=ALICE, last_use=LAST_USE),
        Cause.KEY_DELETED,
        CERTAIN,
    ),
    "resolved, its user gone": (
        a_signal(),
        Evidence(looked_up=True, owner=GONE_USER, last_use=LAST_USE),
        Cause.USER_DELETED,
        CERTAIN,
    ),
    "its user deleted, as the ledger has it": (
        a_signal(),
        a_deleted_key(owner=DELETED_USER, history=()),
        Cause.USER_DELETED,
        CERTAIN,
    ),
    "its user gone, on no record": (
        a_signal(),
        a_deleted_key(owner=GONE_USER, history=()),
        Cause.USER_DELETED,
        LIKELY,
    ),
    "gone, as a sync found": (
        a_signal(),
        a_deleted_key(history=(), deletion=FOUND_BY_SYNC),
        Cause.KEY_DELETED,
        CERTAIN,
    ),
    "one typo from a key": (a_signal(), NEAR, Cause.MISTYPED_KEY, LIKELY),
    "one typo from a key, by a character too few": (a_signal(KEY[:-1]), NEAR, Cause.MISTYPED_KEY, LIKELY),
    "one typo from a key, to another account": (a_signal(FOREIGN), NEAR, Cause.MISTYPED_KEY, LIKELY),
    "a key that is one typo from another": (
        a_signal(),
        an_inactive_key(near_miss=NEAR.near_miss),
        Cause.KEY_INACTIVE,
        CERTAIN,
    ),
    "placeholder, one typo from a key": (
        a_signal("AKIAIOSFODNN7EXAMPLE"),
        NEAR,
        Cause.PLACEHOLDER_KEY,
        CERTAIN,
    ),
    "deactivated in use": (a_predicted_outage(), an_inactive_key(), Cause.DEACTIVATED_IN_USE, CERTAIN),
    "deactivated in use, and a newer key used since": (
        a_predicted_outage(),
        a_superseded_key(),
        Cause.DEACTIVATED_IN_USE,
        CERTAIN,
    ),
    "deactivated in use, and on again": (a_predicted_outage(), an_active_key(), NOT_A_KEY, CERTAIN),
    "deleted in use": (a_predicted_outage("DeleteAccessKey"), a_deleted_key(), Cause.DELETED_IN_USE, CERTAIN),
    "deleted in use, then its user": (
        a_predicted_outage("DeleteAccessKey"),
        a_deleted_key(owner=DELETED_USER),
        Cause.USER_DELETED_IN_USE,
        CERTAIN,
    ),
    "deactivated in use, then deleted": (
        a_predicted_outage("UpdateAccessKey"),
        a_deleted_key(),
        Cause.DELETED_IN_USE,
        CERTAIN,
    ),
    "deactivated, of an unknown key": (a_predicted_outage(), an_unknown_key(), NOT_A_KEY, CERTAIN),
    "unknown": (a_signal(), an_unknown_key(), Cause.UNKNOWN_KEY, LIKELY),
    "the secret of the documentation": (
        a_signal(SAMPLE_SECRET),
        Evidence(),
        Cause.MALFORMED_KEY,
        LIKELY,
    ),
    "root user with an id of the documentation": (
        replace(ROOT_SIGNAL, access_key_id="AKIAIOSFODNN7EXAMPLE"),
        Evidence(),
        Cause.PLACEHOLDER_KEY,
        CERTAIN,
    ),
    "root user's session": (
        replace(ROOT_SIGNAL, access_key_id=SESSION),
        Evidence(),
        Cause.TEMPORARY_CREDENTIAL,
        LIKELY,
    ),
    "quarantined and half a minute old": (
        a_signal(),
        replace(an_active_key(), key=created_before_the_call(30), quarantine_policy=QUARANTINE),
        Cause.QUARANTINED_KEY,
        CERTAIN,
    ),
    "quarantined and superseded": (
        a_signal(),
        a_superseded_key(quarantine_policy=QUARANTINE),
        Cause.QUARANTINED_KEY,
        CERTAIN,
    ),
    "too short, and another account's": (a_signal(FOREIGN[:-1]), Evidence(), Cause.MALFORMED_KEY, CERTAIN),
    "root user of another account": (
        replace(ROOT_SIGNAL, access_key_id=FOREIGN),
        Evidence(),
        Cause.ROOT_KEY,
        LIKELY,
    ),
    "no key in the record": (a_signal(""), Evidence(), Cause.UNKNOWN_KEY, POSSIBLE),
    "no key, no message": (a_signal("", error_message=""), Evidence(), Cause.NOT_A_KEY_FAILURE, CERTAIN),
}


@pytest.mark.parametrize("row", TABLE)
def test_each_row_of_the_table_has_its_cause(row: str) -> None:
    signal, evidence, cause, confidence = TABLE[row]
    diagnosis = diagnose(a_case(signal, evidence))
    assert (diagnosis.cause, diagnosis.confidence) == (cause, confidence)


# What AWS documents (IAM user guide, Troubleshoot Signature Version 4 signing).
SIGNED_WRONGLY = {
    "Signature expired: 20260314T114400Z is now earlier than 20260314T114500Z (20260314T120000Z - 15 min.)": (
        "the caller's clock is off",
        "date -u",
        CERTAIN,
    ),
    "Signature not yet current: 20260314T121600Z is still later than 20260314T121500Z": (
        "the caller's clock is off",
        "date -u",
        CERTAIN,
    ),
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP": (
        "the caller's clock is off",
        "date -u",
        CERTAIN,
    ),
    "Credential should be scoped to a valid region, not 'us-east-1'.": (
        "signed for another region",
        "aws configure list",
        CERTAIN,
    ),
    "Credential should be scoped to correct service: 'iam'.": (
        "signed for another service",
        "aws configure list",
        CERTAIN,
    ),
    "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'.": (
        "not signed as Signature Version 4 demands",
        "aws --version",
        CERTAIN,
    ),
    "The request signature we calculated does not match the signature you provided.": (
        "does not belong to this id or has a hidden character",
        "date -u",
        LIKELY,
    ),
}


@pytest.mark.parametrize("code", sorted(SIGNATURE_CODES))
@pytest.mark.parametrize("message", SIGNED_WRONGLY)
def test_the_message_of_a_wrong_signature_decides_the_reason_and_the_first_command(
    code: str, message: str
) -> None:
    said, command, confidence = SIGNED_WRONGLY[message]
    diagnosis = diagnose(a_case(a_signal(error_code=code, error_message=message), an_active_key()))
    assert (diagnosis.cause, diagnosis.confidence) == (Cause.ACTIVE_KEY_REJECTED, confidence)
    assert said in diagnosis.facts[1]
    assert commands_of(diagnosis)[0] == command
    session = diagnose(a_case(a_signal(SESSION, error_code=code, error_message=message), Evidence()))
    assert session.cause is Cause.TEMPORARY_CREDENTIAL
    assert said in session.facts[1]
    assert commands_of(session)[0] == command


def test_a_leftover_session_token_is_named_where_aws_would_say_otherwise_for_a_wrong_secret() -> None:
    diagnosis = diagnose(a_case(a_signal(), an_active_key()))
    assert "a session token that does not belong to this long-term key" in diagnosis.facts[1]
    assert "AWS_SESSION_TOKEN" in commands_of(diagnosis)[0]


@pytest.mark.parametrize(
    ("issued_by", "service", "operation", "said"),
    [
        ("GetSessionToken", "iam", "ListUsers", "of GetSessionToken without MFA"),
        ("GetSessionToken", "sts", "GetFederationToken", "of GetSessionToken without MFA"),
        ("GetFederationToken", "iam", "ListUsers", "of GetFederationToken"),
        ("GetSessionToken", "s3", "ListBuckets", ""),
        ("GetSessionToken", "sts", "GetCallerIdentity", ""),
        ("AssumeRole", "iam", "ListUsers", ""),
    ],
)
def test_a_session_that_may_not_call_iam_is_said_to_be_of_that_kind(
    issued_by: str, service: str, operation: str, said: str
) -> None:
    evidence = Evidence(looked_up=True, issue=replace(an_issue(), event_name=issued_by))
    facts = diagnose(a_case(a_signal(SESSION, service=service, operation=operation), evidence)).facts
    limited = [fact for fact in facts if "may call nothing of IAM" in fact]
    assert bool(limited) is bool(said)
    assert all(said in fact for fact in limited)


# AWS's messages for tokens of identity providers, which expire by the hour.
WITHOUT_ACCESS_KEY = [
    ("WebIdentityUser", "sts", "AssumeRoleWithWebIdentity", "Token expired: current date/time 1704727025"),
    ("", "sts", "AssumeRoleWithWebIdentity", "Token too old: 441398"),
    ("SAMLUser", "sts", "AssumeRoleWithSAML", "Token must be redeemed within 5 minutes of issuance"),
    ("SAMLUser", "sts", "AssumeRoleWithSAML", "Response has expired"),
    ("IdentityCenterUser", "sso", "GetRoleCredentials", "Session token not found or invalid"),
    ("Unknown", "sso-oauth", "CreateToken", "Token expired"),
]


@pytest.mark.parametrize(("principal_type", "service", "operation", "message"), WITHOUT_ACCESS_KEY)
@pytest.mark.parametrize("code", ["ExpiredTokenException", "ExpiredToken", "InvalidClientTokenId"])
def test_the_token_of_an_identity_provider_is_no_access_key(
    principal_type: str, service: str, operation: str, message: str, code: str
) -> None:
    for said in (message, REFUSED):
        signal = a_signal(
            "",
            principal_type=principal_type,
            service=service,
            operation=operation,
            error_code=code,
            error_message=said,
        )
        diagnosis = diagnose(a_case(signal, Evidence()))
        assert (diagnosis.cause, diagnosis.confidence) == (NOT_A_KEY, CERTAIN)


def test_the_latest_deactivation_is_not_the_reactivation_after_it() -> None:
    changes = (reactivated(NOON), a_change("UpdateAccessKey", status="Inactive"))
    evidence = an_inactive_key(history=changes)
    assert evidence.latest("UpdateAccessKey", "Inactive") == changes[1]
    assert evidence.latest("UpdateAccessKey") == changes[0]


@pytest.mark.parametrize(
    ("code", "said", "not_said"),
    [
        ("SignatureDoesNotMatch", "hidden character, or the caller's clock", "token is missing"),
        ("InvalidSignatureException", "hidden character, or the caller's clock", "expired"),
        ("InvalidToken", "missing or cut off, or belongs to another credential or partition", "expired"),
        ("ExpiredToken", "has expired: the caller must get new credentials", "missing"),
        ("InvalidClientTokenId", "It has expired, or AWS_SESSION_TOKEN is missing", "hidden"),
    ],
)
def test_the_facts_about_a_temporary_credential_follow_from_the_error_code(
    code: str, said: str, not_said: str
) -> None:
    facts = " ".join(diagnose(a_case(a_signal(SESSION, error_code=code), Evidence())).facts)
    assert said in facts
    assert not_said not in facts


def test_for_a_temporary_credential_with_a_wrong_signature_clock_and_pair_are_checked_first() -> None:
    diagnosis = diagnose(a_case(a_signal(SESSION, error_code="SignatureDoesNotMatch"), Evidence()))
    assert diagnosis.remedies[0] is CHECK_CLOCK_AND_PAIR


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken"])
def test_the_account_of_a_foreign_temporary_credential_is_named(code: str) -> None:
    home = replace(HOME, known_accounts={OTHER_ACCOUNT: "staging"})
    foreign = a_signal(key_id(account=OTHER_ACCOUNT, prefix="ASIA"), error_code=code)
    fact = "Its id names account 210987654321 (staging), not 123456789012."
    assert fact in diagnose(a_case(foreign, Evidence(), home)).facts
    assert fact not in diagnose(a_case(a_signal(SESSION, error_code=code), Evidence(), home)).facts


def test_a_diagnosis_names_the_actor_and_time_from_the_history() -> None:
    facts = diagnose(a_case(evidence=an_inactive_key())).facts
    assert "user/bob deactivated it at 2026-03-14 11:58:00 UTC." in facts


def test_a_diagnosis_says_that_the_history_does_not_have_the_actor() -> None:
    facts = diagnose(a_case(evidence=an_inactive_key(history=()))).facts
    assert "Neither the ledger nor CloudTrail's last 90 days show who deactivated it." in facts


def test_no_new_key_is_proposed_for_a_user_with_two_keys() -> None:
    two = (a_listed_key(key_id(2)), a_listed_key(key_id(3)))
    diagnosis = diagnose(a_case(evidence=a_deleted_key(other_keys=two)))
    assert not any("create-access-key" in c for remedy in diagnosis.remedies for c in remedy.commands)


def test_a_deleted_user_can_be_recreated_unless_another_user_has_the_name() -> None:
    gone = a_deleted_key(owner=DELETED_USER)
    assert "aws iam create-user --user-name=alice" in commands_of(diagnose(a_case(evidence=gone)))
    taken = a_deleted_key(owner=replace(DELETED_USER, name_is_taken=True))
    assert diagnose(a_case(evidence=taken)).remedies == ()


def test_the_facts_about_a_deleted_user_have_the_actor_and_its_tags() -> None:
    facts = diagnose(a_case(evidence=a_deleted_key(owner=DELETED_USER))).facts
    assert "user/carol deleted the user at 2026-03-14 11:59:00 UTC." in facts
    assert "user/bob deleted the key at 2026-03-14 11:58:00 UTC." in facts
    assert (
        "Its tags for the remediator were: access-key-remediator[:]rotation=auto,"
        " access-key-remediator[:]secret=access-keys/alice." in facts
    )


def test_of_a_deleted_users_tags_only_those_of_the_remediator_are_shown() -> None:
    many = replace(DELETED_USER, tags={**DELETED_USER.tags, **{key_id(n): "a job" for n in range(8)}})
    facts = diagnose(a_case(evidence=a_deleted_key(owner=many))).facts
    assert facts == diagnose(a_case(evidence=a_deleted_key(owner=DELETED_USER))).facts


def test_a_deletion_that_a_sync_noticed_has_a_time_span_and_no_actor() -> None:
    facts = diagnose(a_case(evidence=a_deleted_key(history=(), deletion=FOUND_BY_SYNC))).facts
    bounds = "between 2026-03-13 12:00:00 UTC and 2026-03-14 12:00:00 UTC"
    assert f"Somebody deleted it {bounds}: a sync of the ledger found it missing." in facts


def test_a_near_miss_shows_only_the_ends_of_the_real_id() -> None:
    facts = " ".join(diagnose(a_case(evidence=NEAR)).facts)
    assert "AKIA...AAAC, a key of alice" in facts
    assert key_id(2) not in facts


def test_a_predicted_outage_lists_the_affected_callers() -> None:
    used = Usage(caller=a_caller(), service="s3", region="eu-west-1", calls=37, last_at=NOON)
    facts = diagnose(a_case(a_predicted_outage(), an_inactive_key(usage=(used,) * 7))).facts
    assert facts[1].startswith(
        "Will fail: 203.0.113.7, Boto3/1[.]43[.]106 Python/3[.]13[.]0: at least 37 calls to s3"
    )
    assert "And 2 other callers." in facts


def test_a_predicted_outage_that_only_tests_of_a_rotation_would_notice_says_so() -> None:
    facts = diagnose(a_case(a_predicted_outage(), an_inactive_key(usage=(), only_own_tests=True))).facts
    assert "has no calls with it but those by which a rotation tested it" in facts[1]
    assert not any(fact.startswith("Will fail") for fact in facts)


@pytest.mark.parametrize("evidence", [a_quarantined_key(), replace(a_quarantined_key(), key=None)])
def test_no_remedy_undoes_the_containment_of_a_leaked_key(evidence: Evidence) -> None:
    diagnosis = diagnose(a_case(a_predicted_outage(), evidence))
    assert "Do not reactivate or replace it." in " ".join(diagnosis.facts)
    commands = " ".join(commands_of(diagnosis))
    assert "--status Active" not in commands
    assert "create-access-key" not in commands


def test_each_predicted_outage_has_a_remedy_that_reverts_it() -> None:
    remedies = {
        Cause.DEACTIVATED_IN_USE: ("--status Active", an_inactive_key()),
        Cause.DELETED_IN_USE: ("create-access-key", a_deleted_key()),
        Cause.USER_DELETED_IN_USE: ("create-user", a_deleted_key(owner=DELETED_USER)),
    }
    for cause, (command, evidence) in remedies.items():
        diagnosis = diagnose(a_case(a_predicted_outage(), evidence))
        assert diagnosis.cause is cause
        assert command in " ".join(commands_of(diagnosis))


def commands_of(diagnosis: Diagnosis) -> list[str]:
    return [command for remedy in diagnosis.remedies for command in remedy.commands]


@pytest.mark.parametrize(
    ("evidence", "proof"),
    [
        (an_unknown_key(), "while a look-up of an existing key succeeds."),
        (Evidence(looked_up=True), "and no user there has any key."),
        (
            Evidence(looked_up=True, history=(a_change("DeleteAccessKey", user_name=""),)),
            "lists it under no user.",
        ),
    ],
)
def test_an_unknown_key_says_how_iams_answer_was_confirmed(evidence: Evidence, proof: str) -> None:
    assert proof in diagnose(a_case(evidence=evidence)).facts[0]


@pytest.mark.parametrize("text", [SECRET, KEY + SECRET, "a\nb", "<YOUR_KEY>", "akia" * 5, "\u200b" + KEY])
def test_a_malformed_id_is_never_shown(text: str) -> None:
    assert text not in repr(diagnose(a_case(a_signal(text), Evidence())))


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        (KEY + "\n", "a line break at position 21"),
        (" " + KEY, "a space at position 1"),
        ('"' + KEY + '"', "a quotation mark at position 1"),
        (KEY[:7] + "\u200b" + KEY[7:], "an invisible character at position 8"),
        (KEY.lower(), "a lower case letter at position 1"),
        (KEY[:5] + "1" + KEY[6:], "a digit that ids do not use at position 6"),
        (KEY[:5] + "\u00c4" + KEY[6:], "a character that ids do not use at position 6"),
        (KEY[:-1], "it has 19 characters instead of 20"),
        (KEY + "A", "it has 21 characters instead of 20"),
    ],
)
def test_a_malformed_id_is_described_by_its_first_invalid_character(text: str, flaw: str) -> None:
    diagnosis = diagnose(a_case(a_signal(text), Evidence()))
    assert diagnosis.cause is Cause.MALFORMED_KEY
    assert flaw in diagnosis.facts[0]


@pytest.mark.parametrize(
    ("organization", "membership"),
    [
        (frozenset(), "not configured"),
        (frozenset({OTHER_ACCOUNT}), "one of the organisation's"),
        (frozenset({"999999999999"}), "not one of the organisation's"),
    ],
)
def test_whether_a_foreign_account_belongs_to_the_organisation_is_said_if_configured(
    organization: frozenset[str], membership: str
) -> None:
    home = replace(HOME, organization_accounts=organization, known_accounts={OTHER_ACCOUNT: "staging"})
    diagnosis = diagnose(a_case(a_signal(FOREIGN), an_unknown_key(), home))
    assert "(staging)" in diagnosis.facts[0]
    assert membership in diagnosis.facts[1]


IDS = (KEY, SESSION, FOREIGN, OLD_FORM, SECRET, "", "AKIAIOSFODNN7EXAMPLE", KEY[:-1], " " + KEY)
FOREIGN_SESSION = key_id(account=OTHER_ACCOUNT, prefix="ASIA")
BY_ROOT = replace(a_change("CreateAccessKey", user_name=""), by="root")
CHANGES = (
    a_change("CreateAccessKey"),
    a_change("UpdateAccessKey", status="Inactive"),
    a_change("DeleteAccessKey"),
)
SUCCESSOR = a_superseded_key().successor
POLICIES = st.sampled_from(["", "AWSCompromisedKeyQuarantineV3"])
LAST_USES = st.sampled_from([None, LAST_USE])


@st.composite
def listed_keys(draw: st.DrawFn) -> Evidence:
    """Keys that IAM lists: new or old, with each status."""
    status = draw(st.sampled_from(["Active", "Inactive", "Expired"]))
    age = draw(st.sampled_from([-5, 0, 5, 59, 61, 10**6]))
    is_active = status == "Active"
    return Evidence(
        looked_up=True,
        owner=ALICE,
        key=created_before_the_call(age, status),
        last_use=draw(LAST_USES),
        history=() if is_active else draw(st.sampled_from([(), CHANGES[:1], CHANGES[:2]])),
        quarantine_policy=draw(POLICIES),
        successor=None if is_active else draw(st.sampled_from([None, SUCCESSOR])),
    )


@st.composite
def deleted_keys(draw: st.DrawFn) -> Evidence:
    """Keys that were deleted, whose owner exists or not."""
    history = draw(st.sampled_from([(), CHANGES[:1], CHANGES[:2], CHANGES]))
    last_use = draw(LAST_USES)
    if draw(st.booleans()):
        owner = draw(st.sampled_from([GONE_USER, DELETED_USER, replace(DELETED_USER, name_is_taken=True)]))
        return Evidence(looked_up=True, owner=owner, history=history, last_use=last_use)
    return Evidence(
        looked_up=True,
        owner=ALICE,
        history=history,
        last_use=last_use,
        other_keys=draw(st.sampled_from([(), (a_listed_key(key_id(2)),)])),
        quarantine_policy=draw(POLICIES),
        successor=draw(st.sampled_from([None, SUCCESSOR])),
    )


@st.composite
def keys_without_owner(draw: st.DrawFn) -> Evidence:
    return Evidence(
        looked_up=draw(st.booleans()),
        issue=draw(st.sampled_from([None, an_issue(), replace(an_issue(), still_there=False)])),
        history=draw(st.sampled_from([(), (BY_ROOT,), (a_change("DeleteAccessKey", user_name=""),)])),
        sts_account=draw(st.sampled_from(["", ACCOUNT, OTHER_ACCOUNT])),
        lookup_confirmed=draw(st.booleans()),
        near_miss=draw(st.sampled_from([None, NEAR.near_miss])),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    codes = sorted({*KEY_FAILURE_CODES, *RELATED_CODES, "AccessDenied", "Client.AuthFailure"})
    signal = a_signal(
        draw(st.sampled_from([*IDS, FOREIGN_SESSION])),
        error_code=draw(st.sampled_from(codes)),
        error_message=draw(st.sampled_from([REFUSED, REFUSED_BY_EC2, OTHER_MATTER, "?", ""])),
        region=draw(st.sampled_from(["us-east-1", "eu-south-1", "cn-north-1", ""])),
        principal_type=draw(st.sampled_from(["IAMUser", "Root", "AssumedRole", ""])),
        made_by_aws=draw(st.booleans()),
    )
    signal = draw(st.sampled_from([signal, signal, a_predicted_outage()]))
    return a_case(signal, draw(st.one_of(listed_keys(), deleted_keys(), keys_without_owner())))


@st.composite
def partly_read(draw: st.DrawFn) -> Case:
    """Cases of failed calls of which something could not be read. A prediction waits for IAM."""
    case = draw(cases().filter(lambda case: case.signal.predicted_outage is None))
    sources = draw(st.sets(st.sampled_from(list(Source)), min_size=1))
    unread = tuple(Unread(source=source, error="iam:GetUser: AccessDenied") for source in sorted(sources))
    evidence = replace(case.evidence, unread=unread, looked_up=True)
    if Source.LISTING in sources:
        evidence = replace(evidence, key=None, other_keys=(), successor=None)
    if Source.KEY in sources:
        evidence = replace(evidence, lookup_confirmed=False)
    return replace(case, evidence=evidence)


NEVER_SAID: dict[Source, tuple[str, ...]] = {
    Source.KEY: ("finds no such key", "No key has this id"),
    Source.LISTING: ("no longer lists", "IAM lists", "finds no such key", "No key has this id"),
    Source.HISTORY: ("days show who", "show no creation", "show who deleted"),
    Source.ISSUE: ("do not show who issued it",),
}


@given(partly_read())
def test_what_could_not_be_read_is_never_said_to_be_absent(case: Case) -> None:
    diagnosis = diagnose(case)
    lines = [fact for fact in diagnosis.facts if fact.startswith("Could not be read: ")]
    said = "\n".join(fact for fact in diagnosis.facts if fact not in lines)
    wrong = [text for one in case.evidence.unread for text in NEVER_SAID.get(one.source, ()) if text in said]
    assert wrong == []
    assert len(lines) == (0 if diagnosis.cause is NOT_A_KEY else len(case.evidence.unread))
    if lines:
        assert diagnosis.confidence is not CERTAIN


def is_rotatable(case: Case) -> bool:
    return diagnose(case).cause in ROTATABLE


ROTATABLE_CASES = st.builds(
    a_case, st.sampled_from([a_signal(), a_predicted_outage()]), st.one_of(listed_keys(), deleted_keys())
).filter(is_rotatable)


def is_active(case: Case) -> bool:
    return case.evidence.key is not None and case.evidence.key.is_active


def is_listed(case: Case) -> bool:
    return case.evidence.key is not None


def owner_is_deleted(case: Case) -> bool:
    return case.evidence.owner is not None and not case.evidence.owner.exists


def name_is_taken(case: Case) -> bool:
    return case.evidence.owner is not None and case.evidence.owner.name_is_taken


UNKNOWN_KEY_FACTS = ("finds no such key", "show no creation, change or deletion")
CONTRADICTIONS: list[tuple[Callable[[Case], bool], tuple[str, ...]]] = [
    (is_active, ("lists the key as Inactive", "deactivated it", "deleted it", "--status Active")),
    (is_listed, ("no longer lists", *UNKNOWN_KEY_FACTS)),
    (lambda case: not is_listed(case), ("lists the key as", "lists it as")),
    (lambda case: is_listed(case) and not is_active(case), ("the key as Active", "it as Active")),
    (owner_is_deleted, ("update-access-key", "no longer lists")),
    (lambda case: owner_is_deleted(case) and name_is_taken(case), ("--user-name=alice",)),
    (lambda case: case.evidence.near_miss is None, ("one typo",)),
    (lambda case: case.signal.predicted_outage is None, ("Will fail",)),
    (lambda case: case.evidence.owner is not None, UNKNOWN_KEY_FACTS),
    (lambda case: not case.evidence.looked_up, ("finds no such key", "do not show who issued it")),
    (lambda case: not case.evidence.lookup_confirmed, ("while a look-up of an existing key succeeds",)),
    (lambda case: bool(case.evidence.history), ("deletion of it.", "no user there has any key")),
    (lambda case: case.evidence.latest("DeleteAccessKey") is not None, ("days show who deleted it",)),
    (lambda case: case.evidence.latest("DeleteAccessKey") is None, ("deleted it at",)),
    (lambda case: case.evidence.issue is not None, ("do not show who issued it",)),
    (lambda case: decode_account(case.signal.access_key_id) == ACCOUNT, ("names account",)),
    (lambda case: case.signal.access_key_id not in {SESSION, FOREIGN_SESSION}, ("begins with ASIA, so",)),
    (lambda case: case.evidence.successor is None, ("newer key",)),
    (lambda case: not case.evidence.quarantine_policy, ("Treat the key as leaked",)),
    (
        lambda case: strip_client_prefix(case.signal.error_code) not in EXPIRED_CODES,
        ("the token has expired",),
    ),
    (
        lambda case: strip_client_prefix(case.signal.error_code) not in SIGNATURE_CODES,
        ("signature does not match",),
    ),
]


@given(cases())
def test_no_fact_or_remedy_contradicts_the_evidence(case: Case) -> None:
    diagnosis = diagnose(case)
    commands = (command for remedy in diagnosis.remedies for command in remedy.commands)
    said = "\n".join((*diagnosis.facts, *commands))
    wrong = [text for holds, texts in CONTRADICTIONS if holds(case) for text in texts if text in said]
    assert wrong == []


@given(cases())
def test_no_fact_or_remedy_is_repeated(case: Case) -> None:
    diagnosis = diagnose(case)
    assert len(set(diagnosis.facts)) == len(diagnosis.facts)
    assert len(set(diagnosis.remedies)) == len(diagnosis.remedies)


@given(cases())
def test_every_case_has_one_cause_that_its_evidence_allows(case: Case) -> None:
    diagnosis = diagnose(case)
    assert diagnosis.facts
    assert diagnosis == diagnose(case)
    if diagnosis.cause in {*GONE, Cause.KEY_INACTIVE, Cause.QUARANTINED_KEY}:
        assert case.evidence.owner is not None
    if is_active(case):
        assert diagnosis.cause not in {*GONE, Cause.KEY_INACTIVE, Cause.UNKNOWN_KEY, Cause.OTHER_ACCOUNT}


GONE = {Cause.KEY_DELETED, Cause.USER_DELETED, Cause.SUPERSEDED_KEY}
