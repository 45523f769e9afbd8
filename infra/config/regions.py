"""The regions that signals come from, and those of them that need a stack of their own."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Annotated

import botocore.session

from infra.config.fields import ConfigError, matching
from lambdas.aws.domain.deployment import PARTITIONS, iam_home_region

Region = Annotated[str, matching("[a-z]{2,4}(-[a-z]+)+-[0-9]+", "the name of a region, such as eu-central-1")]

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
    """A misspelt region would fail after the other stacks are deployed, so the region has to be known."""
    known = _known_regions()
    partition = next((it for it, regions in known.items() if region in regions), "")
    if not partition:
        raise ConfigError(f"{region} is no region that botocore knows; {_advice(region)}", path=path)
    if partition not in PARTITIONS:
        supported = ", ".join(PARTITIONS)
        raise ConfigError(f"{region} is in none of the supported partitions ({supported})", path=path)
    return partition


def _advice(region: str) -> str:
    supported = [name for partition in PARTITIONS for name in _known_regions()[partition]]
    close = get_close_matches(region, supported, n=1)
    return f"did you mean {close[0]}?" if close else "if AWS has it, install a newer botocore"


@cache
def _known_regions() -> dict[str, list[str]]:
    """Those of the installed botocore, by partition."""
    # https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
    sdk = botocore.session.get_session()
    return {it: sdk.get_available_regions("sts", it) for it in sdk.get_available_partitions()}
