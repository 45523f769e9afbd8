"""Synthesises the app as the CDK CLI does, and reads the templates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks
from cfnlint.api import lint  # type: ignore[import-untyped]
from cfnlint.config import ManualArgs  # type: ignore[import-untyped]

from infra.stacks import MAIN_STACK, add_stacks
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cdk_nag import NagPack

    from infra.config.config import Config
    from infra.remediator_stack import RemediatorStack

STACK = MAIN_STACK
HOME_STACK = f"{STACK}-us-east-1-to-eu-central-1"
OTHER_STACK = f"{STACK}-us-west-2-to-eu-central-1"

Json = dict[str, Any]
OPERATORS = "arn:aws:iam::123456789012:role/teams/Operators"

CONFIG: Json = {
    "mode": "approve",
    "knownAccounts": {"210987654321": "payments"},
    "organizationAccounts": ["210987654321", "012345678901"],
    "contactDomains": ["example.com"],
    "runbookUrl": "https://wiki.example.com/keys/",
    "incidentRetentionSeconds": 3600,
    "unknownKeyRecheckSeconds": 60,
    "logRetentionSeconds": 86401,
    "predictionWindowSeconds": 7200,
    "deletionGraceSeconds": 5,
    "syncIntervalSeconds": 9000,
    "alerts": {
        "countThresholds": [2, 3],
        "updateSeconds": 1,
        "digestSeconds": 2,
        "newKeyCheckSeconds": 4,
        "subscriptionCheckSeconds": 7,
    },
    "applicationLogs": {"logGroups": ["/aws/lambda/orders", "web"]},
    "rotation": {
        "secretPrefix": "keys/",
        "graceSeconds": 11,
        "quietSeconds": 12,
        "deletionSeconds": 13,
        "unusedKeySeconds": 14,
        "reactivateOnFailure": True,
        "cooldownSeconds": 15,
        "hourlyBudget": 16,
        "userHourlyBudget": 18,
        "scheduleDays": 17,
        "automations": ["assumed-role/KeyContainment/"],
        "backupUsers": {"ci": "ci-backup"},
        "rotateWhateverSwitchedOff": True,
    },
    "operatorRoleArns": [OPERATORS],
    "subscriptions": [
        {"protocol": "email", "endpoint": "everything@example.com"},
        {
            "protocol": "sqs",
            "endpoint": "arn:aws:sqs:eu-central-1:123456789012:alerts",
            "filter": {
                "owner": ["ci", "web"],
                "account": ["123456789012"],
                "severity": ["critical"],
                "cause": ["key-deleted"],
            },
        },
    ],
    "operationsSubscriptions": [{"protocol": "https", "endpoint": "https://example.com/pager"}],
}


def app_with(
    config: Config,
    outdir: Path,
    *,
    region: str | None = None,
    packs: Sequence[Callable[[App], NagPack]] = (AwsSolutionsChecks,),
) -> tuple[App, RemediatorStack]:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(outdir=str(outdir), context=context)
    stack = add_stacks(app, config, region=region)
    Validations.of(app).add_plugins(*(pack(app) for pack in packs))
    return app, stack


def synthesise(config: Config, outdir: Path) -> Json:
    """The template of the main stack, which may be deployed to any region."""
    return synthesise_all(config, outdir)[STACK]


def synthesise_all(config: Config, outdir: Path, *, region: str | None = None) -> dict[str, Json]:
    """Every stack's template by the name of the stack."""
    app, _ = app_with(config, outdir, region=region)
    return {stack.stack_name: stack.template for stack in app.synth().stacks}


def findings(template: Json, regions: list[str]) -> list[str]:
    """The findings of cfn-lint for a deployment to any of the regions."""
    # CDK writes a role's DependsOn next to the reference that implies it.
    options = ManualArgs(ignore_checks=["W3005"], regions=regions)
    return [f"{match.rule.id} {match.message}" for match in lint(json.dumps(template), config=options)]


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


def grants(template: Json, role_name: str) -> dict[str, list[Any]]:
    """Each action that the role may perform, with its resources."""
    found: dict[str, list[Any]] = {}
    for statement in _statements(template, role_name):
        for action in as_list(statement["Action"]):
            found.setdefault(action, []).extend(as_list(statement["Resource"]))
    return found


def conditions(template: Json, role_name: str) -> dict[str, Json]:
    """The condition of each action that the role may perform only under a condition."""
    return {
        action: statement["Condition"]
        for statement in _statements(template, role_name)
        if "Condition" in statement
        for action in as_list(statement["Action"])
    }


def item_conditions(template: Json, role_name: str, table: str) -> dict[str, list[Json]]:
    """For each action on items of the table, the conditions of the statements that allow it."""
    table_arn, found = arn_of(template, "AWS::DynamoDB::Table", table), dict[str, list[Json]]()
    for statement in _statements(template, role_name):
        if table_arn in as_list(statement["Resource"]):
            for action in as_list(statement["Action"]):
                found.setdefault(action, []).append(statement.get("Condition", {}))
    return found


def items(*keys: str) -> Json:
    """The condition that an item has one of these keys."""
    return {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(keys)}}


def _statements(template: Json, role_name: str) -> list[Json]:
    _, policy = named(template, "AWS::IAM::Policy", role_name)
    statements: list[Json] = policy["PolicyDocument"]["Statement"]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    return statements


def ref(logical_id: str) -> Json:
    return {"Ref": logical_id}


def arn(logical_id: str) -> Json:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def arn_of(template: Json, resource_type: str, name: str) -> Json:
    return arn(named(template, resource_type, name)[0])


def through(*services: str) -> Json:
    """The condition that a key is used by way of these services only."""
    names = [
        {"Fn::Join": ["", [f"{service}.", ref("AWS::Region"), ".amazonaws.com*"]]} for service in services
    ]
    return {"StringLike": {"kms:ViaService": names}}


def managed_secrets() -> Json:
    """The ARN of managed secrets, with the prefix in CONFIG."""
    return _regional_arn("secretsmanager", ":secret:keys/*")


def every_function() -> Json:
    return _regional_arn("lambda", ":function:*")


def switch_arn(template: Json, name: str) -> Json:
    return _regional_arn("ssm", ":parameter", ref(named(template, "AWS::SSM::Parameter", name)[0]))


def _regional_arn(service: str, *rest: str | Json) -> Json:
    place = [ref("AWS::Region"), ":", ref("AWS::AccountId")]
    return {"Fn::Join": ["", ["arn:", ref("AWS::Partition"), f":{service}:", *place, *rest]]}


def all_of_iam(kind: str) -> Json:
    return {
        "Fn::Join": ["", ["arn:", ref("AWS::Partition"), ":iam::", ref("AWS::AccountId"), f":{kind}/*"]],
    }


def index_arn(logical_id: str, index_name: str) -> Json:
    return {"Fn::Join": ["", [arn(logical_id), f"/index/{index_name}"]]}


def environment(template: Json, function_name: str) -> dict[str, str]:
    """The environment of the function, with a made-up text for values known only at deployment."""
    _, function = named(template, "AWS::Lambda::Function", function_name)
    variables = function["Environment"]["Variables"].items()
    return {name: value if isinstance(value, str) else "made-up" for name, value in variables}


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
