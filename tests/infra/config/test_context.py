from __future__ import annotations

import re

import pytest

from infra.config.config import CONTEXT_KEY, Config
from infra.config.context import read_config
from infra.config.fields import ConfigError
from lambdas.rotation.domain.modes import Mode

CDK_KEYS = {"@aws-cdk/core:enablePartitionLiterals": True, "availability-zones:account=1:region=x": ["a"]}


def test_the_configuration_is_read_beside_the_keys_of_the_cdk() -> None:
    assert read_config(CDK_KEYS) == Config()
    assert read_config({**CDK_KEYS, CONTEXT_KEY: {"mode": "auto"}}).mode is Mode.AUTO


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("access-key-remediater", "no such key; did you mean access-key-remediator?"),
        ("accessKeyRemediator", "no such key; did you mean access-key-remediator?"),
        ("access_key_remediator", "no such key; did you mean access-key-remediator?"),
        ("mode", "a field of access-key-remediator, outside of it"),
        ("knownAccounts", "a field of access-key-remediator, outside of it"),
    ],
)
def test_a_key_that_was_meant_as_the_configuration_is_rejected_by_name(key: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(f'{key}: {problem}')}$"):
        read_config({**CDK_KEYS, key: {}})
