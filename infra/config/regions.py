"""The regions that signals come from, and those of them that need a stack of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from infra.config.fields import ConfigError, matching
from lambdas.aws.domain.deployment import PARTITIONS, iam_home_region
from lambdas.aws.domain.regions import partition_of

Region = Annotated[str, matching("[a-z]{2,4}(-[a-z]+)+-[0-9]+", "the name of a region, such as eu-central-1")]

# How the SDKs assign a region that is newer than they are to a partition (regionRegex in partitions.json).
# https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
_NAMES = {
    "aws": "(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-[0-9]+",
    "aws-cn": "cn-[a-z]+-[0-9]+",
    "aws-us-gov": "us-gov-[a-z]+-[0-9]+",
}
# EventBridge does not send events from one region of China to the other.
# https://github.com/awsdocs/amazon-eventbridge-user-guide/blob/main/doc_source/eb-cross-region.md
_NO_FORWARDING = "aws-cn"


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
                raise ConfigError("forward to the main region, which is not known; set AWS_REGION", path=path)
            return cls(main=None, home=None, others=())
        partition = _partition(main, path="AWS_REGION")
        for index, region in enumerate(configured):
            at = f"{path}[{index}]"
            if _partition(region, path=at) != partition:
                raise ConfigError(f"{region} and {main} are not in one partition", path=at)
        home = iam_home_region(partition)
        others = tuple(sorted({*configured, home} - {main}))
        if others and partition == _NO_FORWARDING:
            raise ConfigError(
                f"EventBridge cannot forward events from {' or '.join(others)} to {main}, so a deployment in "
                f"China covers one region. Deploy to {home}, where IAM records changes to keys, and leave "
                "`regions` empty",
                path=path if configured else "AWS_REGION",
            )
        return cls(main=main, home=home, others=others)

    @property
    def every(self) -> tuple[str, ...]:
        return tuple(sorted({*self.others, *filter(None, [self.main])}))

    @property
    def main_is_home(self) -> bool:
        """A main region that is not known may be the home."""
        return self.main == self.home

    @property
    def partition(self) -> str | None:
        return self.main and _partition(self.main, path="AWS_REGION")


def _partition(region: str, *, path: str) -> str:
    by_name = (partition for partition, names in _NAMES.items() if re.fullmatch(names, region))
    partition = partition_of(region) or next(by_name, "")
    if not partition:
        known = ", ".join(PARTITIONS)
        raise ConfigError(f"{region} is in none of the supported partitions ({known})", path=path)
    return partition
