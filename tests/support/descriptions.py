"""Descriptions of managed secrets."""

from __future__ import annotations

from dataclasses import replace

from lambdas.rotation.domain.secret_description import CURRENT, PENDING, SecretDescription

KEY_ARN = "arn:key"  # of the KMS key that encrypts managed secrets


def a_description(current: str = "", name: str = "access-keys/alice", **other: object) -> SecretDescription:
    labels = {current: frozenset({CURRENT})} if current else {}
    return SecretDescription(name=name, labels=labels, **{"key_ids": (KEY_ARN,), **other})  # type: ignore[arg-type] # each of its own field's type


def rotating(secret: SecretDescription) -> SecretDescription:
    return replace(secret, labels={**secret.labels, "n" * 32: frozenset({PENDING})})


def with_current(secret: SecretDescription, version: str) -> SecretDescription:
    """Without a rotation under way."""
    return replace(secret, labels={version: frozenset({CURRENT})})
