"""The app as the CDK CLI would synthesise it, without the CLI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Environment, Validations
from cdk_nag import AwsSolutionsChecks

from infra.remediator_stack import RemediatorStack

if TYPE_CHECKING:
    from infra.config import Config

ROOT = Path(__file__).parents[2]
STACK = "AccessKeyRemediator"

Json = dict[str, Any]

CONFIG = {
    "mode": "approve",
    "knownAccounts": {"210987654321": "payments"},
    "organizationAccounts": ["210987654321", "012345678901"],
    "incidentRetentionSeconds": 3600,
    "unknownKeyRecheckSeconds": 60,
    "logRetentionSeconds": 86401,
    "subscriptions": [
        {"protocol": "email", "endpoint": "everything@example.com"},
        {
            "protocol": "sqs",
            "endpoint": "arn:aws:sqs:eu-central-1:123456789012:alerts",
            "filter": {"owner": ["ci", "web"], "severity": ["critical"], "cause": ["key-deleted"]},
        },
    ],
    "operationsSubscriptions": [{"protocol": "https", "endpoint": "https://example.com/pager"}],
}


def app_with(config: Config, outdir: Path, *, region: str | None = None) -> tuple[App, RemediatorStack]:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(outdir=str(outdir), context=context)
    stack = RemediatorStack(app, STACK, config=config, env=Environment(region=region))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app, stack


def synthesise(config: Config, outdir: Path, *, region: str | None = None) -> Json:
    app, _ = app_with(config, outdir, region=region)
    app.synth()
    template: Json = json.loads((outdir / f"{STACK}.template.json").read_text())
    return template


def of_type(template: Json, resource_type: str) -> dict[str, Json]:
    """Every resource of the type by its logical id, with its properties."""
    return {
        logical_id: resource["Properties"]
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == resource_type
    }


def named(template: Json, resource_type: str, name: str) -> tuple[str, Json]:
    """The one resource of the type whose construct path has the name: its logical id and properties."""
    found = [
        (logical_id, properties)
        for logical_id, properties in of_type(template, resource_type).items()
        if name in logical_id
    ]
    assert len(found) == 1, f"{resource_type} {name}: {[*of_type(template, resource_type)]}"
    return found[0]


def ref(logical_id: str) -> Json:
    return {"Ref": logical_id}


def arn(logical_id: str) -> Json:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
