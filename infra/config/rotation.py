"""Configuration of rotation: its limits, waiting times and backup users."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from infra.config.durations import DAY, HOUR
from infra.config.fields import Check, ConfigError, Count, Flag, Seconds, at_most, at_most_items, matching
from infra.config.organization import TagKey, TagValue, refuse_conflicting_tags

# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
SECRET_PREFIX = "[A-Za-z0-9/_+=.@-]*[A-Za-z0-9_+=.@-]/"  # noqa: S105 - a pattern of names
# A user's tag holds the full name of its secret, in at most 256 characters.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
MAX_PREFIX_LENGTH = 128
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html
MAX_SCHEDULE_DAYS = 1000
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
USER_NAME = "[A-Za-z0-9_+=,.@-]{1,64}"

SecretPrefix = Annotated[
    str,
    matching(SECRET_PREFIX, "how names of secrets may begin, with a slash at its end"),
    Check(
        lambda prefix: len(prefix) <= MAX_PREFIX_LENGTH,
        f"at most {MAX_PREFIX_LENGTH} characters",
    ),
]
# Automations are compared as prefixes: without the last slash, a role would match roles with longer names.
Automation = Annotated[
    str,
    matching(
        r"(user|federated-user)/\S+|assumed-role/[^/\s]+/\S*",
        "how a principal begins, such as assumed-role/KeyContainment/ or user/bot",
    ),
]
# The ARN of a key: an alias can be moved to another key.
KeyArn = Annotated[
    str,
    matching(
        "arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+",
        "the ARN of a KMS key, such as arn:aws:kms:eu-central-1:123456789012:key/…",
    ),
]
MAX_ADOPTED_KEYS = 5  # they are stored in a function's environment, which holds 4 KB in total
AdoptedKeys = Annotated[tuple[KeyArn, ...], at_most_items(MAX_ADOPTED_KEYS, "keys")]
User = Annotated[str, matching(USER_NAME, "named by the name of an IAM user")]
Backup = Annotated[str, matching(USER_NAME, "the name of an IAM user")]


@dataclass(frozen=True, kw_only=True)
class RotationConfig:
    secret_prefix: SecretPrefix = "access-keys/"  # noqa: S105 - the beginning of a name
    grace_seconds: Seconds = DAY
    quiet_seconds: Seconds = 7 * DAY
    deletion_seconds: Seconds = 7 * DAY
    unused_key_seconds: Seconds = 30 * DAY
    reactivate_on_failure: Flag = False
    cooldown_seconds: Seconds = HOUR
    hourly_budget: Count = 10
    user_hourly_budget: Count = 2
    schedule_days: Annotated[Count, at_most(MAX_SCHEDULE_DAYS)] = 90
    # prefixes of principals whose deactivation of a key is not treated as containment by a person
    automations: tuple[Automation, ...] = ()
    backup_users: Mapping[User, Backup] = field(default_factory=dict)
    adopted_key_arns: AdoptedKeys = ()
    rotate_whatever_switched_off: Flag = False
    users_read_own_secret: Flag = False
    secret_tags: Mapping[TagKey, TagValue] = field(default_factory=dict)  # of new managed secrets

    def __post_init__(self) -> None:
        refuse_conflicting_tags(self.secret_tags, ".secretTags")
        for user, backup in self.backup_users.items():
            if backup == user:
                raise ConfigError(f"{user} cannot be its own backup", path=f".backupUsers.{user}")
