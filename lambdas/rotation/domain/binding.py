"""The binding of a user and its managed secret: both must name each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, Claim
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import SecretDescription
from lambdas.text import sanitize

_ARN_PARTS = len(["arn", "aws", "kms", "eu-central-1", "123456789012", "key/id"])


def present_name(written_name: str, state: RotationState, secret_tags: Mapping[str, str]) -> str:
    """The present name of the user that a secret is bound to.

    The secret's JSON has the name of when it was written. Enrolment updates the name in the state when the
    user is renamed; the UserId stays the same.
    """
    is_bound = state.user_name and state.user_id == secret_tags.get(USER_ID_TAG, "")
    return state.user_name if is_bound else written_name


def binding_violation(claim: Claim | None, secret: SecretDescription, prefix: str) -> str:
    """Why user and secret are not bound to each other, as a clause for people; empty if they are. If two
    users claim one secret, it is bound to at most one.
    """
    if claim is None:
        return "the user is not enrolled"
    if not secret.name.startswith(prefix):
        return f"the secret is not under {prefix}"
    if claim.secret_name != secret.name:
        return "the user names another secret"
    bound_to = secret.tags.get(USER_ID_TAG, "")
    if not bound_to:
        return "the secret names no user"
    if bound_to != claim.user_id:
        return "the secret is bound to another user, or to an earlier one of the same name"
    return ""


def encryption_violation(secret: SecretDescription, key_arns: Collection[str]) -> str:
    """Why the secret is not protected by the deployment's keys, as a clause for people; empty if it is.

    Under the key that AWS manages, everybody who may read the secret may also decrypt it (Secrets Manager
    user guide, "Secret encryption and decryption"). An alias does not count: it can be moved to another key.
    """
    allowed = {*key_arns, *(arn.rpartition("/")[2] for arn in key_arns)} - {""}
    what = ("the secret", *("a copy of the secret in another region" for _ in secret.key_ids[1:]))
    for one, key_id in zip(what, secret.key_ids, strict=True):
        if key_id not in allowed:
            name = key_name(key_id)
            return f"{one} is not encrypted with a key of this deployment but with {name}"
    return ""


def key_name(key_id: str) -> str:
    """`key_id` as Secrets Manager describes it, an ARN, an id or an alias; empty for the key that AWS manages
    (API reference, DescribeSecret, KmsKeyId).
    """
    if not key_id:
        return "the key aws/secretsmanager, which AWS manages"
    parts = key_id.split(":")
    if len(parts) != _ARN_PARTS:
        return sanitize(key_id, 200)
    _, _, _, region, account, name = parts
    return sanitize(f"{name} of account {account} in {region}", 200)


def control_violation(secret: SecretDescription) -> str:
    """Why Secrets Manager lets nobody rotate the secret here, as a clause; empty if it does."""
    if secret.owning_service:
        return f"the secret belongs to the AWS service {sanitize(secret.owning_service)}, which rotates it"
    if secret.primary_region:
        region = sanitize(secret.primary_region)
        return f"the secret is a replica of the one in {region}: it can be rotated only there"
    return ""
