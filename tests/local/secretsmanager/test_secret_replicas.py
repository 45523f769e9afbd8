from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

OTHER_REGION = "eu-west-1"
TAG = {"Key": "access-key-remediator:user-id", "Value": "AIDA"}


def test_a_replica_becomes_a_secret_of_its_own_with_its_value_and_its_tags(bench: Workbench) -> None:
    here: Any = bench.client("secretsmanager")
    there = bench.session(region=OTHER_REGION).client("secretsmanager")
    name = bench.name("access-keys/user")
    here.create_secret(Name=name, SecretString="v", Tags=[TAG])
    here.replicate_secret_to_regions(SecretId=name, AddReplicaRegions=[{"Region": OTHER_REGION}])
    with pytest.raises(ClientError, match="replica"):
        there.put_secret_value(SecretId=name, SecretString="w")
    with pytest.raises(ClientError, match="replica"):
        there.rotate_secret(SecretId=name, RotationLambdaARN="arn:aws:lambda:eu-west-1:1:function:f")
    assert there.describe_secret(SecretId=name)["PrimaryRegion"] == bench.region
    there.stop_replication_to_replica(SecretId=name)
    described = there.describe_secret(SecretId=name)
    assert (described["Tags"], "PrimaryRegion" in described) == ([TAG], False)
    there.put_secret_value(SecretId=name, SecretString="w")
    assert here.get_secret_value(SecretId=name)["SecretString"] == "v"
    assert here.describe_secret(SecretId=name).get("ReplicationStatus", []) == []
    with pytest.raises(ClientError, match="not a replica"):
        there.stop_replication_to_replica(SecretId=name)
