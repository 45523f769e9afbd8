"""How far rotation may go, and how long it waits, as a deployer writes it in the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from infra.config.durations import DAY, HOUR
from infra.config.fields import ConfigError, Fields, must_be

if TYPE_CHECKING:
    from collections.abc import Mapping

# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
SECRET_PREFIX = re.compile("[A-Za-z0-9/_+=.@-]*[A-Za-z0-9_+=.@-]/")
# A user's tag has to hold the whole name of its secret, in 256 characters.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
LONGEST_SECRET_PREFIX = 128
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html
MOST_SCHEDULE_DAYS = 1000
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
USER_NAME = re.compile("[A-Za-z0-9_+=,.@-]{1,64}")
# They are compared by how they begin: without its last slash a role would stand for those of longer names.
AUTOMATION = re.compile(r"(user|federated-user)/\S+|assumed-role/[^/\s]+/\S*")


@dataclass(frozen=True, kw_only=True)
class RotationConfig:
    """`automations` begin the principals whose switching off of a key is no containment by a person."""

    secret_prefix: str = "access-keys/"  # noqa: S105 - the beginning of a name
    grace_seconds: int = DAY
    quiet_seconds: int = 6 * HOUR
    deletion_seconds: int = 7 * DAY
    unused_key_seconds: int = 30 * DAY
    reactivate_on_failure: bool = False
    cooldown_seconds: int = HOUR
    hourly_budget: int = 10
    schedule_days: int = 90
    automations: tuple[str, ...] = ()
    backup_users: Mapping[str, str] = field(default_factory=dict)
    rotate_whatever_switched_off: bool = False
    users_read_own_secret: bool = False


def read_rotation(value: object, path: str) -> RotationConfig:
    fields = Fields.of(value, path, of_type=RotationConfig)
    default = RotationConfig
    return RotationConfig(
        secret_prefix=_secret_prefix(fields),
        grace_seconds=fields.seconds("graceSeconds", default=default.grace_seconds),
        quiet_seconds=fields.seconds("quietSeconds", default=default.quiet_seconds),
        deletion_seconds=fields.seconds("deletionSeconds", default=default.deletion_seconds),
        unused_key_seconds=fields.seconds("unusedKeySeconds", default=default.unused_key_seconds),
        reactivate_on_failure=fields.flag("reactivateOnFailure", default=default.reactivate_on_failure),
        cooldown_seconds=fields.seconds("cooldownSeconds", default=default.cooldown_seconds),
        hourly_budget=fields.count("hourlyBudget", default=default.hourly_budget),
        schedule_days=fields.count("scheduleDays", default=default.schedule_days, most=MOST_SCHEDULE_DAYS),
        automations=fields.each("automations", _automation),
        backup_users=_backup_users(
            fields.value("backupUsers", default={}),
            fields.path_of("backupUsers"),
        ),
        rotate_whatever_switched_off=fields.flag(
            "rotateWhateverSwitchedOff", default=default.rotate_whatever_switched_off
        ),
        users_read_own_secret=fields.flag("usersReadOwnSecret", default=default.users_read_own_secret),
    )


def _secret_prefix(fields: Fields) -> str:
    value = fields.value("secretPrefix", default=RotationConfig.secret_prefix)
    path = fields.path_of("secretPrefix")
    if not isinstance(value, str) or not SECRET_PREFIX.fullmatch(value):
        raise must_be("how names of secrets may begin, with a slash at its end", value, path)
    if len(value) > LONGEST_SECRET_PREFIX:
        raise must_be(f"at most {LONGEST_SECRET_PREFIX} characters", value, path)
    return value


def _automation(value: object, path: str) -> str:
    if not isinstance(value, str) or not AUTOMATION.fullmatch(value):
        raise must_be("how a principal begins, such as assumed-role/KeyContainment/ or user/bot", value, path)
    return value


def _backup_users(value: object, path: str) -> dict[str, str]:
    fields = Fields.of(value, path)
    backups: dict[str, str] = {}
    for user, backup in fields.values.items():
        if not USER_NAME.fullmatch(user):
            raise must_be("named by the name of an IAM user", user, fields.path_of(user))
        if not isinstance(backup, str) or not USER_NAME.fullmatch(backup):
            raise must_be("the name of an IAM user", backup, fields.path_of(user))
        if backup == user:
            raise ConfigError(f"{fields.path_of(user)}: {user} cannot be its own backup")
        backups[user] = backup
    return backups
