"""The regions that signals come from, and those of them that need a stack of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from infra.config.fields import ConfigError, matching
from lambdas.aws.domain.deployment import iam_home_region
from lambdas.aws.domain.regions import partition_of

Region = Annotated[str, matching("[a-z]{2,4}(-[a-z]+)+-[0-9]+", "the name of a region, such as eu-central-1")]


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
        partition = partition_of(main) or "aws"
        for index, region in enumerate(configured):
            if (partition_of(region) or partition) != partition:
                problem = f"{region} and {main} are not in one partition"
                raise ConfigError(problem, path=f"{path}[{index}]")
        home = iam_home_region(partition)
        return cls(main=main, home=home, others=tuple(sorted({*configured, home} - {main})))

    @property
    def every(self) -> tuple[str, ...]:
        return tuple(sorted({*self.others, *filter(None, [self.main])}))

    @property
    def main_is_home(self) -> bool:
        """A main region that is not known may be the home."""
        return self.main == self.home
