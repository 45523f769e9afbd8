"""The process of the local AWS: the emulator, with its known gaps to AWS filled.

Started by `local.aws.process`, which sets up the environment that the emulator reads at import.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ministack import app

from local.aws import administrator
from local.aws.gaps import (
    access_key_ids,
    alarm_actions,
    alarms,
    asynchronous_targets,
    batches,
    bus_targets,
    deleted_holders,
    email_subscriptions,
    embedded_metrics,
    encryption,
    event_bus_policy,
    event_history,
    event_targets,
    key_propagation,
    key_quota,
    list_pages,
    lookup_rate,
    loopback_only,
    management_calls,
    old_key_ids,
    own_user,
    parameter_resources,
    policy_variables,
    refused_calls,
    repeated_deliveries,
    root_keys,
    rotate_secret,
    rule_states,
    secret_conditions,
    secret_creation,
    secret_current_label,
    secret_descriptions,
    secret_rights,
    secret_tags,
    secret_templates,
    secret_values,
    update_user,
    user_resources,
)
from local.aws.gaps.last_used import LastUsed
from local.aws.journal import Journal
from local.aws.latency import delayed
from local.aws.observation import observed
from local.aws.settings import Settings
from local.aws.trail.recorder import Recorder

if TYPE_CHECKING:
    from local.aws.observation import Observer

FILLS = (
    loopback_only,
    access_key_ids,
    old_key_ids,
    deleted_holders,
    key_quota,
    root_keys,
    own_user,
    user_resources,
    policy_variables,
    list_pages,
    update_user,
    rule_states,
    asynchronous_targets,
    event_targets,
    bus_targets,
    event_bus_policy,
    batches,
    encryption,
    email_subscriptions,
    embedded_metrics,
    alarm_actions,
    alarms,
    secret_creation,
    secret_values,
    secret_current_label,
    secret_descriptions,
    secret_conditions,
    secret_rights,
    secret_tags,
    secret_templates,
    parameter_resources,
)


def main() -> None:
    settings = Settings.from_env(os.environ)
    for gap in FILLS:
        gap.fill()
    administrator.create_from(os.environ)
    key_propagation.fill(settings.key_propagation_seconds)
    event_history.fill(settings.history_lag_seconds)
    lookup_rate.fill(settings.lookups_per_second)
    rotate_secret.fill(settings.rotation_attempts, settings.rotation_pause_seconds)
    repeated_deliveries.fill(settings.repeat_every)
    app.app = delayed(observed(app.app, observers(settings)), settings.call_seconds)
    app.main()


def observers(settings: Settings) -> list[Observer]:
    last_used = LastUsed(settings.unknown_key)
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
