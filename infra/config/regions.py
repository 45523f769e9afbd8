"""Which regions signals come from, and which of them need a stack of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from infra.config.fields import ConfigError, must_be
from lambdas.aws.domain.deployment import iam_home_region
from lambdas.aws.domain.regions import partition_of

REGION = re.compile("[a-z]{2,4}(-[a-z]+)+-[0-9]+")


def read_region(value: object, path: str) -> str:
    if not isinstance(value, str) or not REGION.fullmatch(value):
        raise must_be("the name of a region, such as eu-central-1", value, path)
    return value


def refuse_repeated_regions(regions: tuple[str, ...], path: str) -> None:
    for index, region in enumerate(regions):
        if region in regions[:index]:
            raise ConfigError(f"{path}[{index}]: {region} is named twice")


@dataclass(frozen=True, kw_only=True)
class Regions:
    """`main` is the region of the main stack, `others` those that forward to it; `home` is where CloudTrail
    records what was done to IAM. Where the main region is not known at synthesis, there are no others.
    """

    main: str | None
    home: str | None
    others: tuple[str, ...]

    @classmethod
    def of(cls, configured: tuple[str, ...], *, main: str | None, path: str) -> Regions:
        if main is None:
            if configured:
                raise ConfigError(f"{path}: forward to the main region, which is not known; set AWS_REGION")
            return cls(main=None, home=None, others=())
        partition = partition_of(main) or "aws"
        for index, region in enumerate(configured):
            if (partition_of(region) or partition) != partition:
                raise ConfigError(f"{path}[{index}]: {region} and {main} are not in one partition")
        home = iam_home_region(partition)
        return cls(main=main, home=home, others=tuple(sorted({*configured, home} - {main})))

    @property
    def every(self) -> tuple[str, ...]:
        return tuple(sorted({*self.others, *filter(None, [self.main])}))

    @property
    def main_is_home(self) -> bool:
        """A main region that is not known may be the home."""
        return self.main == self.home
