"""The IAM tags by which a user is enrolled for rotation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CONTACT_TAG = "access-key-remediator:contact"  # an e-mail address
SECRET_TAG = "access-key-remediator:secret"  # noqa: S105 -- the name of a tag
MODE_TAG = "access-key-remediator:rotation"
USER_ID_TAG = "access-key-remediator:user-id"  # on the secret; the other tags are on the user
ENROLMENT_TAGS = (SECRET_TAG, MODE_TAG)
OWN_TAGS = frozenset({CONTACT_TAG, *ENROLMENT_TAGS})  # those on the user that the ledger keeps
# On the user, in seconds; retire_keys reads them from IAM.
GRACE_TAG = "access-key-remediator:grace-seconds"
QUIET_TAG = "access-key-remediator:quiet-seconds"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a user's tags claim, which proves nothing: users can often tag themselves."""

    user_name: str
    user_id: str
    secret_name: str  # the user's managed secret
    mode: str


def own_tag(name: str) -> str:
    """The remediator's tag that IAM takes the name for; empty if it is none. To IAM, names that differ in
    case are one tag, and it keeps the last spelling (IAM user guide, "Rules for tagging in IAM and AWS STS").
    """
    return name.lower() if name.lower() in OWN_TAGS else ""


def name_enrolment(names: Iterable[str]) -> bool:
    return any(own_tag(name) in ENROLMENT_TAGS for name in names)


def claim_violation(tags: Mapping[str, str]) -> str:
    """Why tags that look like a claim enrol nobody, as a clause; empty if they do, or claim nothing."""
    for name in sorted(tags):
        if own_tag(name) in ENROLMENT_TAGS and name not in ENROLMENT_TAGS:
            return f"a tag is spelled {name}, and must be spelled {own_tag(name)}"
    missing = [name for name in ENROLMENT_TAGS if not tags.get(name)]
    if len(missing) != 1:
        return ""
    [present] = [name for name in ENROLMENT_TAGS if name not in missing]
    return f"the user has the tag {present} but not the tag {missing[0]}"


def read_claim(user_name: str, user_id: str, tags: Mapping[str, str]) -> Claim | None:
    """None if the tags do not enrol the user. Names and values count as IAM has them, character by character:
    a policy that denies a tag compares them so too.
    """
    secret, mode = tags.get(SECRET_TAG, ""), tags.get(MODE_TAG, "")
    if not secret or not mode:
        return None
    return Claim(user_name=user_name, user_id=user_id, secret_name=secret, mode=mode)
