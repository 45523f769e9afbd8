"""Finds the configuration in the context of the CDK app, where a misspelt key would deploy the defaults."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from infra.config.config import CONTEXT_KEY, Config
from infra.config.fields import ConfigError
from infra.config.reader import names_in_json

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_config(context: Mapping[str, object]) -> Config:
    """Raises ConfigError for an invalid configuration, and for a key of the context that was meant as it."""
    fields = names_in_json(Config).values()
    for key in context:
        if key in fields:
            raise ConfigError(f"a field of {CONTEXT_KEY}, outside of it", path=key)
        if key != CONTEXT_KEY and get_close_matches(key.lower(), [CONTEXT_KEY], n=1, cutoff=0.8):
            raise ConfigError(f"no such key; did you mean {CONTEXT_KEY}?", path=key)
    return Config.from_context(context.get(CONTEXT_KEY))
