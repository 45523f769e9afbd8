from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.config.config import Config
from infra.config.durations import DAY, HOUR
from infra.config.fields import ConfigError
from infra.config.rotation import RotationConfig
from tests.infra.config.test_config import JSON_VALUES

KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FIELDS = st.sampled_from(
    [
        "secretPrefix",
        "graceSeconds",
        "quietSeconds",
        "deletionSeconds",
        "unusedKeySeconds",
        "reactivateOnFailure",
        "cooldownSeconds",
        "hourlyBudget",
        "userHourlyBudget",
        "scheduleDays",
        "automations",
        "backupUsers",
        "adoptedKeyArns",
        "rotateWhateverSwitchedOff",
        "secretTags",
    ]
)


def read(rotation: object) -> RotationConfig:
    return Config.from_context({"rotation": rotation}).rotation


def test_nothing_configured_keeps_a_replaced_key_a_day_and_leaves_containment_to_people() -> None:
    assert read({}) == Config.from_context(None).rotation == RotationConfig()
    assert RotationConfig() == RotationConfig(
        secret_prefix="access-keys/",
        grace_seconds=DAY,
        quiet_seconds=7 * DAY,
        deletion_seconds=7 * DAY,
        unused_key_seconds=30 * DAY,
        reactivate_on_failure=False,
        cooldown_seconds=HOUR,
        hourly_budget=10,
        user_hourly_budget=2,
        schedule_days=90,
        automations=(),
        backup_users={},
        adopted_key_arns=(),
        rotate_whatever_switched_off=False,
        secret_tags={},
    )


def test_every_field_is_read() -> None:
    config = read(
        {
            "secretPrefix": "/keys/of-users/",
            "graceSeconds": 1,
            "quietSeconds": 2,
            "deletionSeconds": 3,
            "unusedKeySeconds": 4,
            "reactivateOnFailure": True,
            "cooldownSeconds": 5,
            "hourlyBudget": 6,
            "userHourlyBudget": 3,
            "scheduleDays": 1000,
            "automations": ["assumed-role/KeyContainment/", "assumed-role/Soar/run", "user/ops/bot"],
            "backupUsers": {"ci": "ci-backup"},
            "adoptedKeyArns": [KEY_ARN],
            "rotateWhateverSwitchedOff": True,
            "secretTags": {"CostCenter": "4711"},
        }
    )
    assert config == RotationConfig(
        secret_prefix="/keys/of-users/",
        grace_seconds=1,
        quiet_seconds=2,
        deletion_seconds=3,
        unused_key_seconds=4,
        reactivate_on_failure=True,
        cooldown_seconds=5,
        hourly_budget=6,
        user_hourly_budget=3,
        schedule_days=1000,
        automations=("assumed-role/KeyContainment/", "assumed-role/Soar/run", "user/ops/bot"),
        backup_users={"ci": "ci-backup"},
        adopted_key_arns=(KEY_ARN,),
        rotate_whatever_switched_off=True,
        secret_tags={"CostCenter": "4711"},
    )


@pytest.mark.parametrize("prefix", ["", "/", "//", "keys", "keys/*", "a?/", "a b/", "${a}/", 1, None])
def test_a_prefix_that_could_match_other_secrets_is_rejected(prefix: object) -> None:
    with pytest.raises(ConfigError, match=r"rotation\.secretPrefix: must be how names of secrets may begin"):
        read({"secretPrefix": prefix})


@pytest.mark.parametrize(
    "automation", ["", " ", "assumed-role/", "assumed-role/Containment", "user/", "role/Containment", "ci", 1]
)
def test_an_automation_that_could_match_other_principals_is_rejected(automation: object) -> None:
    with pytest.raises(ConfigError, match=r"rotation\.automations\[1\]: must be how a principal begins"):
        read({"automations": ["user/bot", automation]})


@pytest.mark.parametrize(
    ("rotation", "message"),
    [
        ([], ": must be an object; got []"),
        ({"graceSecond": 1}, ".graceSecond: no such field; did you mean graceSeconds?"),
        ({"secretPrefix": "x" * 128 + "/"}, ".secretPrefix: must be at most 128 characters; got 'xxx"),
        ({"graceSeconds": 0}, ".graceSeconds: must be a whole number of seconds, at least 1; got 0"),
        ({"quietSeconds": "6"}, ".quietSeconds: must be a whole number of seconds, at least 1; got '6'"),
        ({"deletionSeconds": -1}, ".deletionSeconds: must be a whole number of seconds"),
        ({"unusedKeySeconds": 1.5}, ".unusedKeySeconds: must be a whole number of seconds"),
        (
            {"cooldownSeconds": None},
            ".cooldownSeconds: must be a whole number of seconds, at least 1; got n",
        ),
        ({"reactivateOnFailure": 1}, ".reactivateOnFailure: must be true or false; got 1"),
        ({"rotateWhateverSwitchedOff": "true"}, ".rotateWhateverSwitchedOff: must be true or false; got 't"),
        ({"hourlyBudget": 0}, ".hourlyBudget: must be a whole number, at least 1; got 0"),
        ({"hourlyBudget": True}, ".hourlyBudget: must be a whole number, at least 1; got True"),
        ({"scheduleDays": 1001}, ".scheduleDays: must be at most 1000; got 1001"),
        ({"automations": "user/bot"}, ".automations: must be a list; got 'user/bot'"),
        ({"adoptedKeyArns": ["alias/mine"]}, ".adoptedKeyArns[0]: must be the ARN of a KMS key, such as"),
        ({"adoptedKeyArns": [KEY_ARN] * 6}, ".adoptedKeyArns: must be a list of at most 5 keys; got"),
        ({"secretTags": {"aws:x": "y"}}, ".secretTags.aws:x: must be named by a tag key"),
        ({"secretTags": {"a": "y" * 257}}, ".secretTags.a: must be at most 256 letters"),
        ({"secretTags": {"a": "1", "A": "2"}}, ".secretTags.A: is the same key as a for IAM"),
        (
            {"secretTags": {f"t{number}": "" for number in range(50)}},
            ".secretTags: gives a new secret 50 tags together with tags; it can have 50, and one",
        ),
        ({"backupUsers": []}, ".backupUsers: must be an object; got []"),
        ({"backupUsers": {"a b": "c"}}, ".backupUsers.a b: must be named by the name of an IAM user"),
        ({"backupUsers": {"ci": ""}}, ".backupUsers.ci: must be the name of an IAM user; got ''"),
        ({"backupUsers": {"ci": "x" * 65}}, ".backupUsers.ci: must be the name of an IAM user; got 'xx"),
        ({"backupUsers": {"ci": "ci"}}, ".backupUsers.ci: ci cannot be its own backup"),
    ],
)
def test_a_wrong_field_is_rejected_with_its_path(rotation: object, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(rotation)
    assert str(refused.value).startswith(f"access-key-remediator.rotation{message}")


@given(FIELDS, JSON_VALUES)
def test_any_value_of_a_field_is_accepted_or_rejected_with_its_path(field: str, value: object) -> None:
    try:
        read({field: value})
    except ConfigError as refused:
        assert str(refused).startswith(f"access-key-remediator.rotation.{field}")  # noqa: PT017 - or nothing is raised
