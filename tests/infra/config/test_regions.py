from __future__ import annotations

import pytest

from infra.config.fields import ConfigError
from infra.config.regions import Regions


def regions(*configured: str, main: str | None) -> Regions:
    return Regions.of(configured, main=main, path="regions")


@pytest.mark.parametrize("home", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_the_home_region_of_a_partition_needs_no_other(home: str) -> None:
    alone = regions(main=home)
    assert (alone.others, alone.every) == ((), (home,))
    assert alone.main_is_home


@pytest.mark.parametrize(
    ("main", "home"),
    [("eu-central-1", "us-east-1"), ("cn-northwest-1", "cn-north-1"), ("us-gov-east-1", "us-gov-west-1")],
)
def test_elsewhere_the_home_region_of_the_partition_is_always_another(main: str, home: str) -> None:
    both = regions(main=main)
    assert both.others == (home,)
    assert sorted(both.every) == sorted([main, home])
    assert not both.main_is_home


def test_an_unknown_region_is_assumed_to_be_in_the_public_partition() -> None:
    assert regions("xx-new-1", main="yy-new-1").others == ("us-east-1", "xx-new-1")


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
