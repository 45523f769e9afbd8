"""The partition of a region, and whether an account has to enable the region first."""

from __future__ import annotations

# AWS Account Management reference guide, "AWS Regions available": every region launched after
# 20 March 2019 is disabled until it is opted into.
_OPT_IN = frozenset(
    {
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
    }
)
_ALWAYS_ENABLED = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)
_REGIONS = {
    "aws": _ALWAYS_ENABLED | _OPT_IN,
    "aws-cn": frozenset({"cn-north-1", "cn-northwest-1"}),
    "aws-us-gov": frozenset({"us-gov-east-1", "us-gov-west-1"}),
}


def needs_opt_in(region: str) -> bool:
    return region in _OPT_IN


def partition_of(region: str) -> str:
    """The public partition of the region; empty if the region is unknown here."""
    return next((partition for partition, regions in _REGIONS.items() if region in regions), "")
