from __future__ import annotations

import pytest

from lambdas.aws.domain.deployment import CONSOLES, Deployment, UnknownPartitionError, iam_home_region

HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


@pytest.mark.parametrize(("partition", "home"), HOMES.items())
def test_a_partition_has_its_home_region_and_its_console(partition: str, home: str) -> None:
    deployment = Deployment(account="123456789012", partition=partition)
    assert deployment.iam_region == iam_home_region(partition) == home
    assert deployment.console in CONSOLES


@pytest.mark.parametrize("partition", ["aws-eusc", "aws-iso", ""])
def test_an_unknown_partition_is_an_error_and_not_the_public_one(partition: str) -> None:
    deployment = Deployment(account="123456789012", partition=partition)
    with pytest.raises(UnknownPartitionError, match=f"partition {partition} is not supported"):
        deployment.iam_region  # noqa: B018 - the access is the test
    with pytest.raises(UnknownPartitionError):
        deployment.console  # noqa: B018 - the access is the test
