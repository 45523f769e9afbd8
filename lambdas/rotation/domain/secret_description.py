"""A managed secret as Secrets Manager describes it: its tags, versions and schedule, but no value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
# On a version that contains a borrowed key, until that version is AWSCURRENT.
LOAN = "access-key-remediator-loan"
# On a version with a rotation's key and what a person changed in AWSCURRENT during the rotation, until it is
# AWSCURRENT. The version of the rotation's token cannot be changed any more.
EDITED = "access-key-remediator-edited"
_ARN_SUFFIX_LENGTH = len("-AbCdEf")


@dataclass(frozen=True, kw_only=True)
class SecretDescription:
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by version id
    # The KMS keys of the secret and of its copies in other regions; empty for a key that AWS manages.
    key_ids: tuple[str, ...] = ("",)
    primary_region: str = ""  # of a replica; empty for a secret that is none
    owning_service: str = ""  # the AWS service that manages the secret; empty for a customer's own
    is_being_deleted: bool = False
    is_rotation_on: bool = False
    function: str = ""  # ARN of the rotation function, which stays when rotation is turned off
    schedule_days: int | None = None  # None without a schedule; it stays when rotation is turned off
    has_expression: bool = False  # a schedule expression, which the remediator never writes

    def labelled(self, label: str) -> str:
        """The id of the version with the label; empty if there is none."""
        return next((version for version, labels in self.labels.items() if label in labels), "")

    def is_pending(self, version: str) -> bool:
        """Whether a rotation to this version is under way, or left its label behind."""
        labels = self.labels.get(version, frozenset())
        return PENDING in labels and CURRENT not in labels

    @property
    def is_rotating(self) -> bool:
        return self.is_pending(self.labelled(PENDING))

    @property
    def has_schedule(self) -> bool:
        """It stays when rotation is turned off, and applies again when rotation is turned on."""
        return self.schedule_days is not None or self.has_expression

    @property
    def is_scheduled(self) -> bool:
        return self.is_rotation_on and self.has_schedule


def secret_name_of(secret: str) -> str:
    """The name in an ARN, without its hyphen and six characters at the end (Secrets Manager user guide,
    "What's in a secret"); a name stays as it is.
    """
    if not secret.startswith("arn:"):
        return secret
    return secret.split(":", 6)[-1][:-_ARN_SUFFIX_LENGTH]
