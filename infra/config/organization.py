"""Types of the fields for what an organization demands of roles and resources."""

from collections.abc import Mapping
from typing import Annotated

from infra.config.fields import Check, ConfigError, matching

# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
_POLICY = r"(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,128}"
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
MAX_PATH_LENGTH = 512
# The characters that every service accepts.
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_TAG_CHARACTER = r"[A-Za-z0-9 _.:/=+@-]"
MAX_TAGS = 50

PermissionsBoundary = Annotated[
    str,
    matching(
        rf"|(?a:arn:[a-z-]+:iam::(?:[0-9]{{12}}|aws):policy/{_POLICY}|{_POLICY})",
        "the name of a managed policy of the account, or the ARN of a managed policy",
    ),
]
RolePath = Annotated[
    str,
    matching(r"(?a:/(?:[\w+=,.@-]+/)*)", "a path such as /platform/, with a slash at both ends"),
    Check(lambda path: len(path) <= MAX_PATH_LENGTH, f"at most {MAX_PATH_LENGTH} characters"),
]
TagKey = Annotated[
    str,
    matching(
        rf"(?!(?i:aws:|access-key-remediator:)){_TAG_CHARACTER}{{1,128}}",
        "named by a tag key: 1 to 128 letters, digits, spaces and _ . : / = + @ -, not beginning with "
        "aws: or access-key-remediator:",
    ),
]
TagValue = Annotated[
    str, matching(rf"{_TAG_CHARACTER}{{0,256}}", "at most 256 letters, digits, spaces and _ . : / = + @ -")
]


def refuse_conflicting_tags(tags: Mapping[str, str], path: str) -> None:
    """IAM takes `Owner` and `owner` for the same key."""
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    if len(tags) > MAX_TAGS:
        raise ConfigError(f"has {len(tags)} tags; a resource can have {MAX_TAGS}", path=path)
    seen: dict[str, str] = {}
    for key in tags:
        if (first := seen.setdefault(key.lower(), key)) != key:
            raise ConfigError(f"is the same key as {first} for IAM", path=f"{path}.{key}")
