"""What can be chosen of a local AWS; it travels to the server's process as environment variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT: Final = "111122223333"
REGION: Final = "us-east-1"
UNRECORDED: Final = "local-aws/unrecorded"  # in a caller's user agent: the record of its call is lost

Number = TypeVar("Number", int, float)
UnknownKeyAnswer: TypeAlias = Literal["AccessDenied", "NoSuchEntity"]


@dataclass(frozen=True)
class Settings:
    """The delays are 0 unless a test sets them, because everything would have to wait for them."""

    # LookupEvents requests, by account and region; 2 on AWS, 0 is unlimited here.
    lookups_per_second: int = field(default=0, kw_only=True)
    rotation_attempts: int = field(default=3, kw_only=True)  # on AWS "multiple times"
    rotation_pause_seconds: float = field(default=1, kw_only=True)
    repeat_every: int = field(default=0, kw_only=True)  # one in so many processed messages is delivered again
    call_seconds: float = field(default=0, kw_only=True)  # added to each call of a function
    journal: str = field(default="", kw_only=True)  # the journal's file; empty for none
    # Whether a denied call counts as a use of its key: very probable, but documented only for the access that
    # roles and users have (IAM user guide, last accessed information).
    denied_calls_are_uses: bool = field(default=True, kw_only=True)
    unknown_key: UnknownKeyAnswer = "AccessDenied"  # reported, not documented
    key_propagation_seconds: float = 0
    listing_lag_seconds: float = field(default=0, kw_only=True)  # until ListAccessKeys shows a new key
    history_lag_seconds: float = 0
    record_calls: bool = True

    def to_env(self) -> dict[str, str]:
        return {
            "LOCAL_AWS_LOOKUPS_PER_SECOND": str(self.lookups_per_second),
            "LOCAL_AWS_ROTATION_ATTEMPTS": str(self.rotation_attempts),
            "LOCAL_AWS_ROTATION_PAUSE_SECONDS": str(self.rotation_pause_seconds),
            "LOCAL_AWS_REPEAT_EVERY": str(self.repeat_every),
            "LOCAL_AWS_CALL_SECONDS": str(self.call_seconds),
            "LOCAL_AWS_JOURNAL": self.journal,
            "LOCAL_AWS_DENIED_CALLS_ARE_USES": "on" if self.denied_calls_are_uses else "off",
            "LOCAL_AWS_UNKNOWN_KEY": self.unknown_key,
            "LOCAL_AWS_KEY_PROPAGATION_SECONDS": str(self.key_propagation_seconds),
            "LOCAL_AWS_LISTING_LAG_SECONDS": str(self.listing_lag_seconds),
            "LOCAL_AWS_HISTORY_LAG_SECONDS": str(self.history_lag_seconds),
            "LOCAL_AWS_RECORD_CALLS": "on" if self.record_calls else "off",
        }

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Raises ValueError, which names the variable."""
        unknown_key = env.get("LOCAL_AWS_UNKNOWN_KEY", "AccessDenied")
        if unknown_key not in {"AccessDenied", "NoSuchEntity"}:
            raise ValueError(f"LOCAL_AWS_UNKNOWN_KEY is AccessDenied or NoSuchEntity, not {unknown_key!r}")
        return cls(
            lookups_per_second=_number(int, env, "LOCAL_AWS_LOOKUPS_PER_SECOND", "0"),
            rotation_attempts=_number(int, env, "LOCAL_AWS_ROTATION_ATTEMPTS", "3"),
            rotation_pause_seconds=_number(float, env, "LOCAL_AWS_ROTATION_PAUSE_SECONDS", "1"),
            repeat_every=_number(int, env, "LOCAL_AWS_REPEAT_EVERY", "0"),
            call_seconds=_number(float, env, "LOCAL_AWS_CALL_SECONDS", "0"),
            journal=env.get("LOCAL_AWS_JOURNAL", ""),
            denied_calls_are_uses=env.get("LOCAL_AWS_DENIED_CALLS_ARE_USES", "on") != "off",
            unknown_key=cast("UnknownKeyAnswer", unknown_key),
            key_propagation_seconds=_number(float, env, "LOCAL_AWS_KEY_PROPAGATION_SECONDS", "0"),
            listing_lag_seconds=_number(float, env, "LOCAL_AWS_LISTING_LAG_SECONDS", "0"),
            history_lag_seconds=_number(float, env, "LOCAL_AWS_HISTORY_LAG_SECONDS", "0"),
            record_calls=env.get("LOCAL_AWS_RECORD_CALLS", "on") != "off",
        )


def _number(number: type[Number], env: Mapping[str, str], name: str, default: str) -> Number:
    text = env.get(name, default)
    try:
        return number(text)
    except ValueError:
        raise ValueError(f"{name} is a number ({number.__name__}), not {text!r}") from None
