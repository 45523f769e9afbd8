from __future__ import annotations

import pytest

from infra.config.config import Config
from infra.config.fields import ConfigError


@pytest.mark.parametrize(
    "boundary",
    [
        "Boundary",
        "platform/limits/Boundary",
        "arn:aws:iam::123456789012:policy/platform/Boundary",
        "arn:aws-us-gov:iam::aws:policy/PowerUserAccess",
    ],
)
def test_a_boundary_is_a_name_or_an_arn(boundary: str) -> None:
    assert Config.from_context({"permissionsBoundary": boundary}).permissions_boundary == boundary


@pytest.mark.parametrize("path", ["/", "/platform/", "/a/b-c/d_e/"])
def test_a_path_begins_and_ends_with_a_slash(path: str) -> None:
    assert Config.from_context({"rolePath": path}).role_path == path


def test_tags_may_be_as_many_and_as_long_as_aws_allows() -> None:
    tags = {f"k{number}": "" for number in range(49)} | {
        "k" * 128: "v" * 256,
        "cost-centre:1/2 a": "a@b.c +=_",
    }
    del tags["k0"]
    assert Config.from_context({"tags": tags}).tags == tags


@pytest.mark.parametrize(
    ("value", "message"),
    [
        *(
            ({"permissionsBoundary": wrong}, ".permissionsBoundary: must be the name of a managed policy")
            for wrong in (
                "/Boundary",
                "a b",
                "arn:aws:iam::1:policy/X",
                "arn:aws:iam::123456789012:role/X",
                1,
            )
        ),
        *(
            (
                {"rolePath": wrong},
                ".rolePath: must be a path such as /platform/, with a slash at both ends; got",
            )
            for wrong in ("", "platform", "/platform", "platform/", "//", "/a b/", None)
        ),
        ({"rolePath": f"/{'x' * 511}/"}, ".rolePath: must be at most 512 characters"),
        ({"tags": []}, ".tags: must be an object; got []"),
        *(
            ({"tags": {wrong: "x"}}, f".tags.{wrong}: must be named by a tag key: ")
            for wrong in ("", "aws:x", "AWS:x", "access-key-remediator:user-id", "a*", "a,b", "k" * 129)
        ),
        *(
            ({"tags": {"key": wrong}}, ".tags.key: must be at most 256 letters, digits, spaces and _ . : / =")
            for wrong in ("v" * 257, "a*b", "a\nb", 1, None)
        ),
        ({"tags": {"Owner": "a", "owner": "b"}}, ".tags.owner: is the same key as Owner for IAM"),
        ({"tags": {f"k{number}": "" for number in range(51)}}, ".tags: has 51 tags; a resource can have 50"),
    ],
)
def test_a_wrong_value_is_rejected_by_the_name_of_its_field(value: object, message: str) -> None:
    with pytest.raises(ConfigError) as rejected:
        Config.from_context(value)
    assert str(rejected.value).startswith(f"access-key-remediator{message}")
