"""Remedies: commands with the real names filled in. A test runs each one as printed."""

from __future__ import annotations

from dataclasses import replace

from lambdas.diagnosis.domain.diagnosis import Remedy
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.unread import Source
from lambdas.text import quote_secret_name, quote_user_name, sanitize_name


def reactivate(user_name: str, access_key_id: str) -> Remedy:
    return Remedy.of(
        "Reactivate the key, unless it was deactivated on purpose",
        _set_status(user_name, access_key_id, "Active"),
    ).as_choice


def reactivate_retired(user_name: str, access_key_id: str) -> Remedy:
    """Of a key that the remediator itself deactivated."""
    needed = "Reactivate the key, if a job still needs it"
    return replace(reactivate(user_name, access_key_id), purpose=needed)


def deactivate(user_name: str, access_key_id: str) -> Remedy:
    return Remedy.of(
        "Contain it: deactivate the key (this can be undone)",
        _set_status(user_name, access_key_id, "Inactive"),
    ).as_choice


def unless_leaked(evidence: Evidence, remedy: Remedy) -> Remedy:
    """A person checks what could not be read before a key works again or gets a successor."""
    if not evidence.is_unread(Source.QUARANTINE):
        return remedy
    return remedy.only("Once you know that AWS did not mark the owner's key as leaked")


def contain_new_key(user_name: str, access_key_id: str) -> Remedy:
    """Of an owner that may itself have made the key, and then has no other that works."""
    return Remedy.of(
        f"If {sanitize_name(user_name)} did not do this, contain the new key {access_key_id}: deactivate it"
        " (this can be undone)",
        _set_status(user_name, access_key_id, "Inactive"),
    ).as_later


def list_keys(user_name: str) -> Remedy:
    name = quote_user_name(user_name)
    return Remedy.of(
        "See the owner and its keys",
        f"aws iam get-user --user-name={name}",
        f"aws iam list-access-keys --user-name={name}",
    )


def replace_key(user_name: str) -> Remedy:
    """Creates a key and stores it in a profile with the user's name. One command over four lines: if no key
    is created, `read` fails and an existing profile stays unchanged.
    """
    name = quote_user_name(user_name)
    return Remedy.of(
        "Create a new key, store it in a profile with the user's name, and test it (a new key"
        " needs some seconds)",
        f"aws iam create-access-key --user-name={name}"
        " --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text |",
        f'{{ read -r id secret && aws configure set aws_access_key_id "$id" --profile={name} &&',
        f'aws configure set aws_secret_access_key "$secret" --profile={name}; }} &&',
        f"aws sts get-caller-identity --profile={name}",
    ).as_choice


def approve_rotation(secret_name: str) -> Remedy:
    """`secret_name` must be a name that Secrets Manager returned, not one from a user's tag."""
    return Remedy.of(
        "Approve a new key, unless the old one was deactivated to contain a leak", rotate_command(secret_name)
    ).as_choice


def rotate_again(secret_name: str) -> Remedy:
    """`secret_name` as in approve_rotation."""
    return Remedy.of("Once that is fixed, rotate again", rotate_command(secret_name)).as_later


def rotate_command(secret_name: str) -> str:
    return f"aws secretsmanager rotate-secret --secret-id={quote_secret_name(secret_name)}"


def remove_pending_label(secret_name: str, version: str) -> Remedy:
    """`version` is the one that the failed rotation created; `secret_name` as in approve_rotation."""
    return Remedy.of(
        "Once its retries have ended, remove the label that blocks the next rotation"
        " (retire_keys also does so, within hours)",
        f"aws secretsmanager update-secret-version-stage --secret-id={quote_secret_name(secret_name)}"
        f" --version-stage AWSPENDING --remove-from-version-id={quote_secret_name(version)}",
    ).as_later


def remove_key(user_name: str, access_key_id: str, *, is_current: bool = False) -> Remedy:
    """One of the choices if a slot is needed and no key can be removed automatically."""
    which = f"{access_key_id} (the key in AWSCURRENT)" if is_current else access_key_id
    return Remedy.of(
        f"Free a slot by removing {which}: deactivate it, and delete it once no application needs it",
        _set_status(user_name, access_key_id, "Inactive"),
        f"aws iam delete-access-key --user-name={quote_user_name(user_name)} --access-key-id {access_key_id}",
    ).as_choice


def show_claim(user_name: str) -> Remedy:
    return Remedy.of(
        "See what the user claims", f"aws iam list-user-tags --user-name={quote_user_name(user_name)}"
    )


def delete_inactive_key(user_name: str, access_key_id: str) -> Remedy:
    """If a slot is needed, and no key can be removed automatically."""
    return Remedy.of(
        f"Free a slot: delete {access_key_id}, which is inactive, unless it is to be reactivated",
        f"aws iam delete-access-key --user-name={quote_user_name(user_name)} --access-key-id {access_key_id}",
    ).as_later


def withdraw_claim(user_name: str) -> Remedy:
    name = quote_user_name(user_name)
    return Remedy.of(
        "If the claim is to be withdrawn, not corrected",
        f"aws iam untag-user --user-name={name}"
        " --tag-keys access-key-remediator:secret access-key-remediator:rotation",
    ).as_later


def enrol_again(user_name: str, secret_name: str, mode: str) -> Remedy:
    return Remedy.of(
        "Enrol the user again, unless its enrolment was to end",
        f"aws iam tag-user --user-name={quote_user_name(user_name)} --tags"
        f" Key=access-key-remediator:secret,Value={quote_secret_name(secret_name)}"
        f" Key=access-key-remediator:rotation,Value={mode}",
    ).as_later


def recreate_user(user_name: str) -> Remedy:
    """Somebody who knows the old user's policies must attach them to the new user."""
    return Remedy.of(
        "Recreate the user, which has no permissions until its policies are attached again",
        f"aws iam create-user --user-name={quote_user_name(user_name)}",
    ).as_choice


def find_event(event_id: str, region: str) -> Remedy:
    """Without the record itself and the id in it, which may be a secret. Both must be AWS's own words."""
    return Remedy.of(
        "See the event, without what was sent (CloudTrail shows it 15 minutes after the call at the latest)",
        f"aws cloudtrail lookup-events --region={region} --lookup-attributes"
        f" AttributeKey=EventId,AttributeValue={event_id}"
        " --query 'Events[].[EventId,EventTime,EventSource,EventName,Username]' --output text",
    )


def list_recent_calls(access_key_id: str) -> Remedy:
    return Remedy.of(
        "See the calls made with the key in the last 90 days in one region (other regions: change --region)",
        "aws cloudtrail lookup-events --lookup-attributes"
        f" AttributeKey=AccessKeyId,AttributeValue={access_key_id} --max-items 50"
        " --query 'Events[].[EventTime,EventSource,EventName]' --output text",
    )


def show_last_use(access_key_id: str) -> Remedy:
    return Remedy.of(
        "See where the replaced key was last used",
        f"aws iam get-access-key-last-used --access-key-id {access_key_id}",
    )


def check_region_enabled(region: str) -> Remedy:
    """`region` must be a region of AWS, not text from a caller."""
    return Remedy.of(
        "See whether the region is enabled",
        f"aws ec2 describe-regions --all-regions --region-names {region}"
        " --query 'Regions[].OptInStatus' --output text",
    )


_SHOW_CREDENTIAL_SOURCE = (
    "aws configure list",
    "aws sts get-caller-identity --debug 2>&1 | grep -E 'Looking for credentials|Found credentials'",
)
COUNT_ROOT_KEYS = Remedy.of(
    "See whether the root user still has keys (1) or not (0)",
    "aws iam get-account-summary --query SummaryMap.AccountAccessKeysPresent",
)
WAIT_AND_RETRY = Remedy.of(
    "On the caller's machine: wait, then try again", "sleep 15", "aws sts get-caller-identity"
)
COUNT_CHARACTERS = Remedy.of(
    "On the caller's machine: count the characters of what it sends as the id (an id has 20, a secret 40)",
    'printf %s "$AWS_ACCESS_KEY_ID" | wc -c',
)
SHOW_HIDDEN_CHARACTERS = Remedy.of(
    "On the caller's machine: show every character of the id, including hidden ones",
    'printf %s "$AWS_ACCESS_KEY_ID" | od -c',
)
CHECK_CLOCK_AND_PAIR = Remedy.of(
    "On the caller's machine: check the clock, the id in use, the end of its secret, and whether"
    " a session token is set",
    "date -u",
    "aws configure list",
    "printenv AWS_SESSION_TOKEN > /dev/null && echo 'session token: set' || echo 'session token: not set'",
)
CHECK_CLOCK = Remedy.of(
    "On the caller's machine: compare its clock with a reliable one, and let it follow a time server",
    "date -u",
)
SHOW_REGION_AND_ENDPOINT = Remedy.of(
    "On the caller's machine: see which region and which endpoint URL are configured",
    "aws configure list",
    "env | grep -E '^AWS_(DEFAULT_)?REGION=|^AWS_ENDPOINT_URL' || true",
)
TRY_WITHOUT_SESSION_TOKEN = Remedy.of(
    "On the caller's machine: see whether the key works without a session token",
    "env -u AWS_SESSION_TOKEN -u AWS_SECURITY_TOKEN aws sts get-caller-identity",
)
FIND_WHO_HAS_THE_OLD_KEY = Remedy.of(
    "On the caller's machine: see which source still has the old key (order: environment, profile,"
    " container or instance role)",
    *_SHOW_CREDENTIAL_SOURCE,
)
FIND_WHICH_CREDENTIAL_WINS = Remedy.of(
    "On the caller's machine, with an up-to-date CLI: see which credential is used (order:"
    " environment, profile in the shared credentials file, container or instance role), then test without"
    " the environment variables",
    "aws --version",
    *_SHOW_CREDENTIAL_SOURCE,
    "aws sts get-caller-identity --profile default",
    """env -i HOME="$HOME" PATH="$PATH" aws sts get-caller-identity""",
    "(unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN; aws sts get-caller-identity)",
)
# A separate remedy, because `read` would consume the next pasted line.
SET_KEY_IN_PROFILE = Remedy.of(
    "If the profile has the wrong key: run this, then type the right id and secret on one line",
    """read -r id secret && aws configure set aws_access_key_id "$id" --profile default &&"""
    """ aws configure set aws_secret_access_key "$secret" --profile default &&"""
    " aws sts get-caller-identity --profile default",
)
FIX_THE_SOURCE = (FIND_WHICH_CREDENTIAL_WINS, SET_KEY_IN_PROFILE)


def _set_status(user_name: str, access_key_id: str, status: str) -> str:
    name = quote_user_name(user_name)
    return f"aws iam update-access-key --user-name={name} --access-key-id {access_key_id} --status {status}"
