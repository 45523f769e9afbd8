"""The error references we started from, walked step by step: each step is in the alerts that need it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lambdas.alerting.domain.alert import compose_alert
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.evidence import Evidence
from tests.support.builders import (
    NEAR,
    OTHER_ACCOUNT,
    a_caller,
    a_case,
    a_deleted_key,
    a_finding,
    a_quarantined_key,
    a_signal,
    a_superseded_key,
    an_active_key,
    an_inactive_key,
    an_incident,
    an_issue,
    an_unknown_key,
    key_id,
)

if TYPE_CHECKING:
    from lambdas.diagnosis.domain.diagnosis import Case

UNKNOWN = a_case(evidence=an_unknown_key())
DELETED = a_case(evidence=a_deleted_key())
SESSION = key_id(prefix="ASIA")
ORPHANED = a_case(a_signal(SESSION), Evidence(issue=replace(an_issue(), still_there=False)))
WRONG_PAIR = a_case(a_signal(error_code="SignatureDoesNotMatch"), an_active_key())

FOREIGN = key_id(account=OTHER_ACCOUNT)
NOT_ENABLED = a_case(a_signal(region="me-south-1"), an_active_key())

CAUSES = {
    "key deleted": (DELETED, Cause.KEY_DELETED),
    "key deactivated": (a_case(evidence=an_inactive_key()), Cause.KEY_INACTIVE),
    "key of another account": (
        a_case(a_signal(key_id(account=OTHER_ACCOUNT)), an_unknown_key()),
        Cause.OTHER_ACCOUNT,
    ),
    "typing error, malformed": (a_case(a_signal(key_id()[:-1]), an_unknown_key()), Cause.MALFORMED_KEY),
    "rotated, the old one still in use": (a_case(evidence=a_superseded_key()), Cause.SUPERSEDED_KEY),
    "wrong region, opt-in region": (
        a_case(a_signal(region="me-south-1"), an_active_key()),
        Cause.ACTIVE_KEY_REJECTED,
    ),
    "session token invalid or missing": (a_case(a_signal(SESSION), Evidence()), Cause.TEMPORARY_CREDENTIAL),
    "session token expired": (
        a_case(a_signal(SESSION, error_code="ExpiredToken", error_message="expired"), Evidence()),
        Cause.TEMPORARY_CREDENTIAL,
    ),
    "session token of a deleted user": (ORPHANED, Cause.TEMPORARY_CREDENTIAL),
    "incorrect key pair": (WRONG_PAIR, Cause.ACTIVE_KEY_REJECTED),
}

STEPS = {
    "credentials file, environment or configuration wrong": (UNKNOWN, "aws configure list"),
    "which source is asked": (UNKNOWN, "aws sts get-caller-identity --debug"),
    "order of the sources": (
        UNKNOWN,
        "order: environment, profile in the shared credentials file, container or instance role",
    ),
    "one source alone, without the environment": (
        UNKNOWN,
        """env -i HOME="$HOME" PATH="$PATH" aws sts get-caller-identity""",
    ),
    "a profile as the source": (UNKNOWN, "aws sts get-caller-identity --profile default"),
    "the wrong key in the configuration": (UNKNOWN, "aws configure set aws_secret_access_key"),
    "a reminder to keep the command line up to date": (UNKNOWN, "an up-to-date CLI"),
    "one source alone": (UNKNOWN, "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"),
    "an up-to-date command line": (UNKNOWN, "aws --version"),
    "invisible characters": (UNKNOWN, 'printf %s "$AWS_ACCESS_KEY_ID" | od -c'),
    "list and verify keys": (DELETED, "aws iam list-access-keys --user-name=alice"),
    "the user exists": (DELETED, "aws iam get-user --user-name=alice"),
    "who am I": (UNKNOWN, "aws sts get-caller-identity"),
    "create a new key": (DELETED, "aws iam create-access-key --user-name=alice"),
    "update the credentials": (DELETED, "aws configure set aws_access_key_id"),
    "verify in a profile": (DELETED, "aws sts get-caller-identity --profile=alice"),
    "opt-in region": (NOT_ENABLED, "aws ec2 describe-regions --region=eu-central-1 --all-regions"),
    "global tokens in opt-in regions": (
        a_case(a_signal(SESSION, region="me-south-1"), Evidence()),
        "from the global STS endpoint",
    ),
    "the clock": (WRONG_PAIR, "date -u"),
    "that the session's user was deleted": (ORPHANED, "for role/app, which has been deleted since."),
}

ADVICE = {
    "OIDC in a CI system": ("GitHub Actions", "OIDC"),
    "a role on AWS": ("exec-env/AWS_Lambda_python3.13", "role"),
    "IAM Identity Center for people": ("os/macos", "IAM Identity Center"),
    "Roles Anywhere outside AWS": ("a server", "Roles Anywhere"),
    "a secret manager": ("a server", "keep the key in a secret manager, not in a file or image"),
}


WHICH_WINS = "aws configure list"
WITH_DEBUG = "aws sts get-caller-identity --debug"
ORDER = r"order: environment, profile"
HIDDEN = r"\| od -c"
UNSET = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
ALONE = "env -i"
# What is wrong with a caller's configuration calls for all of them; where IAM says what became of the key,
# none does, unless the caller should long have another one.
GUIDANCE = {
    Cause.UNKNOWN_KEY: (UNKNOWN, {WHICH_WINS, WITH_DEBUG, ORDER, HIDDEN, UNSET, ALONE}),
    Cause.MISTYPED_KEY: (a_case(evidence=NEAR), {WHICH_WINS, WITH_DEBUG, ORDER, HIDDEN, UNSET, ALONE}),
    Cause.MALFORMED_KEY: (
        CAUSES["typing error, malformed"][0],
        {WHICH_WINS, WITH_DEBUG, ORDER, HIDDEN, UNSET, ALONE},
    ),
    Cause.PLACEHOLDER_KEY: (
        a_case(a_signal("AKIAIOSFODNN7EXAMPLE"), Evidence()),
        {WHICH_WINS, WITH_DEBUG, ORDER, UNSET, ALONE},
    ),
    Cause.OTHER_ACCOUNT: (
        CAUSES["key of another account"][0],
        {WHICH_WINS, WITH_DEBUG, ORDER, UNSET, ALONE},
    ),
    Cause.TEMPORARY_CREDENTIAL: (ORPHANED, {WHICH_WINS, WITH_DEBUG, ORDER, UNSET, ALONE}),
    Cause.ACTIVE_KEY_REJECTED: (WRONG_PAIR, {WHICH_WINS, WITH_DEBUG, ORDER, UNSET, ALONE}),
    Cause.SUPERSEDED_KEY: (a_case(evidence=a_superseded_key()), {WHICH_WINS, WITH_DEBUG, ORDER}),
    Cause.KEY_DELETED: (DELETED, set()),
    Cause.KEY_INACTIVE: (a_case(), set()),
    Cause.QUARANTINED_KEY: (a_case(evidence=a_quarantined_key()), set()),
}


@pytest.mark.parametrize("cause", GUIDANCE)
def test_the_steps_of_the_guidance_are_where_the_cause_calls_for_them(cause: Cause) -> None:
    case, steps = GUIDANCE[cause]
    assert a_finding(case).diagnosis.cause is cause
    run = body_of(case).split("WHAT TO RUN\n")[1].split("\n\n")[0]
    assert {
        step for step in (WHICH_WINS, WITH_DEBUG, ORDER, HIDDEN, UNSET, ALONE) if re.search(step, run)
    } == steps


@pytest.mark.parametrize("reference", CAUSES)
def test_each_cause_of_the_references_is_named(reference: str) -> None:
    case, cause = CAUSES[reference]
    assert a_finding(case).diagnosis.cause is cause


@pytest.mark.parametrize("reference", STEPS)
def test_each_step_of_the_references_is_in_an_alert_that_needs_it(reference: str) -> None:
    case, text = STEPS[reference]
    assert text in body_of(case)


@pytest.mark.parametrize("reference", ADVICE)
def test_each_way_out_of_the_references_is_advised_to_the_caller_it_fits(reference: str) -> None:
    user_agent, text = ADVICE[reference]
    incident = an_incident(callers=(a_caller("8.8.8.8", user_agent),))
    assert text in compose_alert(a_finding(incident=incident)).body


def body_of(case: Case) -> str:
    return compose_alert(a_finding(case)).body
