"""The permissions that `remediate` and `alert_timer` share: both gather evidence and send alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.alerting.topics import PUBLISHING_KEY_ACTIONS
from infra.functions.python_function import ROLES
from infra.storage.retained_table import only_items
from lambdas.alerting.adapters.alert_turns import TURNS_ITEM
from lambdas.alerting.adapters.delivery_records import RECORD_PREFIX
from lambdas.aws.adapters.probe_key import PROBE_ITEM
from lambdas.incidents.adapters.incident_recorder import OPENING_PREFIX
from lambdas.incidents.adapters.owner_alert_counts import OWNER_PREFIX
from lambdas.incidents.adapters.unknown_id_counts import UNKNOWN_IDS
from lambdas.ledger.adapters.ledger_items import MIDDLE_INDEX, OWNER_END_INDEX, TAIL_INDEX
from lambdas.rotation.adapters.rotation_budget import BUDGET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.functions.python_function import PythonFunction
    from infra.rotation.fail_over import FailOver

# Not the position of the sync or of the retirement run, which are in the same table.
LEASE_ITEMS = (
    PROBE_ITEM,
    TURNS_ITEM,
    UNKNOWN_IDS,
    f"{RECORD_PREFIX}*",
    f"{OPENING_PREFIX}*",
    f"{BUDGET_PREFIX}*",
    f"{OWNER_PREFIX}*",
)


def allow_remediation(
    function: PythonFunction, fail_over: FailOver, *, own_leases: Iterable[str] = ()
) -> None:
    """`own_leases` are items of the lease table that this function alone uses."""
    _allow_evidence_from_aws(function)
    _allow_evidence_from_tables(function, [*LEASE_ITEMS, *own_leases])
    _allow_alerting(function)
    switches = function.resources.switches
    function.allow(["ssm:GetParameter"], on=[switches.kill_switch.parameter_arn, switches.mode.parameter_arn])
    fail_over.allow_invocation_by(function)


def _allow_evidence_from_aws(function: PythonFunction) -> None:
    function.allow(
        ["iam:GetRole"],
        on=ROLES,
        wildcard_reason="A rejected temporary key may belong to any role. GetRole only reads whether the "
        "role still exists.",
    )
    # ListUsers finds a key for checking that look-ups work.
    function.allow_reading_iam(
        [
            "iam:GetAccessKeyLastUsed",
            "iam:GetUser",
            "iam:ListAccessKeys",
            "iam:ListAttachedUserPolicies",
            "iam:ListUsers",
        ]
    )
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
    function.allow(
        ["cloudtrail:LookupEvents", "sts:GetAccessKeyInfo"],
        on="*",
        wildcard_reason="LookupEvents and GetAccessKeyInfo do not support resources.",
    )


def _allow_evidence_from_tables(function: PythonFunction, leases: list[str]) -> None:
    storage = function.resources.storage
    function.allow(
        ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        on=storage.lease_table.table_arn,
        when=only_items(*leases),
    )
    function.allow(["dynamodb:Scan"], on=storage.exemption_table.table_arn)
    ledger = storage.ledger_table
    function.allow(["dynamodb:GetItem", "dynamodb:BatchGetItem"], on=ledger.table_arn)
    indexes = (TAIL_INDEX, MIDDLE_INDEX, OWNER_END_INDEX)
    function.allow(["dynamodb:Query"], on=[ledger.index_arn(name) for name in indexes])


def _allow_alerting(function: PythonFunction) -> None:
    storage, channels = function.resources.storage, function.resources.channels
    # A caller of a table needs only kms:Decrypt on the table's key.
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    storage.key.grant(function, *PUBLISHING_KEY_ACTIONS)
    function.allow(["dynamodb:Query", "dynamodb:UpdateItem"], on=storage.incident_table.table_arn)
    # grant_publish would add kms:GenerateDataKey*.
    topics = [topic for topic in (channels.alert_topic, channels.chat_topic) if topic]
    function.allow(["sns:Publish"], on=[topic.topic_arn for topic in topics])
    channels.incident_bus.grant_put_events_to(function)
    for senders in (*(topic.senders for topic in topics), channels.incident_bus.senders):
        senders.add_role(function.execution_role)
