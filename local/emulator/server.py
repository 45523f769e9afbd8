"""The process of the local AWS: the emulator, with its known gaps to AWS filled.

Started by `local.emulator.process`, which sets up the environment that the emulator reads at import.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ministack import app

from local.emulator import administrator, loopback_only
from local.emulator.gaps import function_concurrency, loop_detection, running_functions
from local.emulator.gaps import ssm as parameter_resources
from local.emulator.gaps.cloudtrail import event_history, lookup_rate, management_calls, refused_calls
from local.emulator.gaps.cloudwatch import (
    alarm_actions,
    alarms,
    embedded_metrics,
    function_metrics,
    log_filters,
)
from local.emulator.gaps.dynamodb import leading_keys
from local.emulator.gaps.eventbridge import (
    asynchronous_targets,
    bus_targets,
    event_bus_policy,
    event_targets,
    put_conditions,
    rule_states,
)
from local.emulator.gaps.iam import (
    access_key_ids,
    deleted_holders,
    key_propagation,
    key_quota,
    list_pages,
    listing_lag,
    log_group_resources,
    old_key_ids,
    own_user,
    policy_simulation,
    policy_variables,
    principal_keys,
    role_boundary,
    root_keys,
    update_user,
    user_resources,
)
from local.emulator.gaps.iam.last_used import LastUsed
from local.emulator.gaps.messaging import (
    batch_actions,
    batches,
    email_rate,
    email_subscriptions,
    encryption,
    redrive,
    repeated_deliveries,
    undelivered_notifications,
)
from local.emulator.gaps.secretsmanager import (
    rotate_secret,
    secret_conditions,
    secret_creation,
    secret_current_label,
    secret_descriptions,
    secret_replicas,
    secret_rights,
    secret_tags,
    secret_templates,
    secret_values,
)
from local.emulator.journal import Journal
from local.emulator.latency import delayed
from local.emulator.observation import observed
from local.emulator.settings import Settings
from local.emulator.trail.recorder import Recorder

if TYPE_CHECKING:
    from local.emulator.observation import Observer

FILLS = (
    loopback_only,
    access_key_ids,
    old_key_ids,
    deleted_holders,
    key_quota,
    root_keys,
    own_user,
    user_resources,
    log_group_resources,
    policy_variables,
    policy_simulation,
    principal_keys,
    role_boundary,
    list_pages,
    update_user,
    rule_states,
    asynchronous_targets,
    event_targets,
    bus_targets,
    event_bus_policy,
    put_conditions,
    batch_actions,
    batches,
    running_functions,
    loop_detection,
    redrive,
    function_concurrency,
    encryption,
    email_subscriptions,
    email_rate,
    undelivered_notifications,
    embedded_metrics,
    function_metrics,
    alarm_actions,
    alarms,
    log_filters,
    secret_creation,
    secret_values,
    secret_current_label,
    secret_descriptions,
    secret_conditions,
    secret_rights,
    secret_tags,
    secret_templates,
    secret_replicas,
    parameter_resources,
    leading_keys,
)


def main() -> None:
    settings = Settings.from_env(os.environ)
    for gap in FILLS:
        gap.fill()
    administrator.create_from(os.environ)
    key_propagation.fill(settings.key_propagation_seconds)
    listing_lag.fill(settings.listing_lag_seconds)
    event_history.fill(settings.history_lag_seconds)
    lookup_rate.fill(settings.lookups_per_second)
    rotate_secret.fill(settings.rotation_attempts, settings.rotation_pause_seconds)
    repeated_deliveries.fill(settings.repeat_every)
    app.app = delayed(observed(app.app, observers(settings)), settings.call_seconds)
    app.main()


def observers(settings: Settings) -> list[Observer]:
    last_used = LastUsed(settings.unknown_key, settings.denied_calls_are_uses)
    last_used.fill()
    chosen: list[Observer] = [last_used.observe]
    if settings.record_calls:
        chosen.append(Recorder([refused_calls.describe, management_calls.describe]).observe)
    if settings.journal:
        journal = Journal(Path(settings.journal))
        journal.watch_queues()
        chosen.append(journal.observe)
    return chosen


if __name__ == "__main__":
    main()
