from __future__ import annotations

import re

import botocore.session
import pytest

from infra.config.fields import ConfigError
from infra.config.regions import Regions
from lambdas.aws.domain.deployment import PARTITIONS
from lambdas.aws.domain.regions import partition_of


def regions(*configured: str, main: str | None) -> Regions:
    return Regions.of(configured, main=main, path="regions")


@pytest.mark.parametrize("home", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_the_home_region_of_a_partition_needs_no_other(home: str) -> None:
    alone = regions(main=home)
    assert (alone.others, alone.every) == ((), (home,))
    assert alone.main_is_home


@pytest.mark.parametrize(
    ("main", "home"),
    [("eu-central-1", "us-east-1"), ("us-gov-east-1", "us-gov-west-1")],
)
def test_elsewhere_the_home_region_of_the_partition_is_always_another(main: str, home: str) -> None:
    both = regions(main=main)
    assert both.others == (home,)
    assert sorted(both.every) == sorted([main, home])
    assert not both.main_is_home


@pytest.mark.parametrize(
    ("unknown", "advice"),
    [
        ("eu-centrall-1", "did you mean eu-central-1?"),
        ("us-gov-wast-1", "did you mean us-gov-west-1?"),
        ("xx-q-9", "if AWS has it, install a newer botocore"),
    ],
)
def test_a_region_that_does_not_exist_is_rejected_by_name(unknown: str, advice: str) -> None:
    problem = re.escape(f"{unknown} is no region that botocore knows; {advice}")
    with pytest.raises(ConfigError, match=f"^AWS_REGION: {problem}$"):
        regions(main=unknown)
    with pytest.raises(ConfigError, match=rf"^regions\[1\]: {problem}$"):
        regions("us-west-2", unknown, main="us-east-1")


def test_the_functions_know_every_region_that_can_be_monitored() -> None:
    sdk = botocore.session.get_session()
    for partition in PARTITIONS:
        for region in sdk.get_available_regions("sts", partition):
            assert partition_of(region) == partition


@pytest.mark.parametrize(
    "unknown",
    ["eusc-de-east-1", "us-iso-east-1", "eu-isoe-west-1", "us-isof-south-1"],
)
def test_a_region_of_an_unknown_partition_is_rejected_by_name(unknown: str) -> None:
    supported = rf"{unknown} is in none of the supported partitions \(aws, aws-cn, aws-us-gov\)"
    with pytest.raises(ConfigError, match=f"^AWS_REGION: {supported}"):
        regions(main=unknown)
    with pytest.raises(ConfigError, match=rf"^regions\[1\]: {supported}"):
        regions("us-west-2", unknown, main="us-east-1")


def test_a_deployment_in_china_covers_one_region_the_home_of_iam() -> None:
    assert regions("cn-north-1", main="cn-north-1").others == ()
    with pytest.raises(
        ConfigError, match=r"^AWS_REGION: .* from cn-north-1 to cn-northwest-1, .* cn-north-1,"
    ):
        regions(main="cn-northwest-1")
    with pytest.raises(ConfigError, match=r"^regions: .* from cn-northwest-1 to cn-north-1, .* cn-north-1,"):
        regions("cn-northwest-1", main="cn-north-1")


def test_the_main_region_may_be_configured_and_is_no_other() -> None:
    assert regions("eu-central-1", "us-west-2", main="eu-central-1").others == ("us-east-1", "us-west-2")


def test_without_a_known_main_region_there_are_no_other_regions() -> None:
    unknown = regions(main=None)
    assert (unknown.others, unknown.every) == ((), ())
    assert unknown.main_is_home, "it may be"


def test_other_regions_without_a_known_main_region_are_rejected() -> None:
    with pytest.raises(ConfigError, match="regions: forward to the main"):
        regions("us-west-2", main=None)


def test_a_region_of_another_partition_is_rejected() -> None:
    with pytest.raises(ConfigError, match=r"regions\[1\]: cn-north-1 and eu-west-1 are not in one partition"):
        regions("us-west-2", "cn-north-1", main="eu-west-1")
