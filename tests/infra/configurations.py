"""The configurations whose templates, taken together, contain everything that can be deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.infra.synthesis import CONFIG

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

EVERYTHING: Json = CONFIG | {
    "chat": True,
    "incidentQuietSeconds": 3600,
    "regions": ["us-west-2"],
    "rotation": CONFIG["rotation"]
    | {
        "usersReadOwnSecret": True,
        "secretTags": {"data-class": "secret"},
        "adoptedKeyArns": ["arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
    },
    "permissionsBoundary": "limits/Boundary",
    "rolePath": "/platform/",
    "tags": {"cost-centre": "4711"},
}
# Each with its main region; without one, the stack can be deployed to any.
CONFIGURATIONS: dict[str, tuple[Json, str | None]] = {
    "default": ({}, None),
    "everything": (EVERYTHING, "eu-central-1"),
}
