"""The managed secrets of a deployment, as its removal sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3

from lambdas.aws.adapters.clients import Clients
from lambdas.rotation.adapters.rotation_table import DynamoRotations
from lambdas.rotation.adapters.secrets_manager import SecretsManager

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambdas.rotation.domain.rotation_state import RotationState
    from lambdas.rotation.domain.secret_description import SecretDescription


def find_states(outputs: Mapping[str, str]) -> list[RotationState]:
    return DynamoRotations(Clients(), outputs["LedgerTableName"]).all_states()


def find_rotated(outputs: Mapping[str, str], states: list[RotationState]) -> list[SecretDescription]:
    """The secrets that the deployment's function rotates. ListSecrets may be five minutes late (API
    reference), so the ledger names secrets too, and each is described.
    """
    function = outputs["RotationFunctionArn"]
    names = {*_listed(function), *(state.secret_name for state in states)}
    secrets = [SecretsManager(Clients()).find_secret(name) for name in sorted(names)]
    return [it for it in secrets if it and it.is_rotation_on and it.function == function]


def _listed(function: str) -> Iterator[str]:
    for page in boto3.client("secretsmanager").get_paginator("list_secrets").paginate():
        yield from (it["Name"] for it in page["SecretList"] if it.get("RotationLambdaARN") == function)


def active_replaced_keys(states: list[RotationState]) -> list[str]:
    """The replaced keys that nothing has deactivated yet."""
    return [
        f"{key.access_key_id}, replaced in {state.secret_name}"
        for state in states
        for key in state.superseded
        if key.deactivated_at is None
    ]
