"""The permissions that `rotate_key` and `retire_keys` share: both change users' keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.functions.python_function import USERS
from infra.rotation.managed_secrets import allow_adopted_keys, allow_key_through, allow_on_secrets
from infra.storage.retained_table import only_items
from lambdas.ledger.adapters.ledger_items import OWNER_INDEX
from lambdas.ledger.domain.enrolment_tags import SECRET_TAG
from lambdas.rotation.adapters.rotation_table import PREFIX

if TYPE_CHECKING:
    from infra.functions.python_function import PythonFunction


def allow_key_replacement(function: PythonFunction, key_actions: list[str]) -> None:
    """`key_actions` are allowed on enrolled users only."""
    function.allow_reading_iam(
        ["iam:GetAccessKeyLastUsed", "iam:GetUser", "iam:ListAccessKeys", "iam:ListAttachedUserPolicies"]
    )
    function.allow(
        ["cloudtrail:LookupEvents"],
        on="*",
        wildcard_reason="LookupEvents does not support resources.",
    )
    resources = function.resources
    _allow_key_changes(function, key_actions)
    # The states of rotations are stored in the ledger, whose index by owner finds those of one user. The
    # ledger's other items decide nothing here: they arrive as messages.
    ledger = resources.storage.ledger_table
    states = ["dynamodb:GetItem", "dynamodb:PutItem"]
    function.allow(states, on=ledger.table_arn, when=only_items(f"{PREFIX}*"))
    function.allow(["dynamodb:Query"], on=ledger.index_arn(OWNER_INDEX))
    # Managed secrets are encrypted with the key of the tables.
    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    allow_key_through(function, "kms:Decrypt", "secretsmanager", "dynamodb")
    allow_adopted_keys(function, "kms:Decrypt")
    allow_on_secrets(
        function,
        [
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
        ],
    )
    function.allow(["ssm:GetParameter"], on=resources.switches.kill_switch.parameter_arn)
    # Results of rotations and retirements are sent as signals.
    resources.intake.signal_queue.accept(function.execution_role)


def allow_simulating_users(function: PythonFunction) -> None:
    function.allow(
        ["iam:SimulatePrincipalPolicy"],
        on=USERS,
        wildcard_reason="Users are enrolled without a deployment. The simulation shows whether a user could "
        "read the key that its secret would borrow, and whether its sessions could read a new one. It only "
        "reads.",
    )


def _allow_key_changes(function: PythonFunction, actions: list[str]) -> None:
    """Only for users whose tag names a managed secret. The function may write neither tags nor policies, so
    it cannot enrol a user itself.
    """
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
    prefix = function.resources.config.rotation.secret_prefix
    function.allow(
        actions,
        on=USERS,
        when={"StringLike": {f"aws:ResourceTag/{SECRET_TAG}": f"{prefix}*"}},
        wildcard_reason="Users are enrolled by a tag, without a deployment and on any path. The condition of "
        "the statement excludes all other users.",
    )
