from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.local.secretsmanager.rotations import rotations
from tests.local.workbench import statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench


def deploy(bench: Workbench, name: str, resources: dict[str, Any]) -> None:
    formation = bench.client("cloudformation")
    template = json.dumps({"Resources": resources})
    stacks = {stack["StackName"] for stack in formation.describe_stacks()["Stacks"]}
    verb, change = ("stack_update", formation.update_stack) if name in stacks else ("stack_create", None)
    (change or formation.create_stack)(StackName=name, TemplateBody=template)
    formation.get_waiter(f"{verb}_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def remove(bench: Workbench, name: str) -> None:
    bench.client("cloudformation").delete_stack(StackName=name)
    waiter = bench.client("cloudformation").get_waiter("stack_delete_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 1})


def test_a_schedule_configures_rotation_and_cancels_it_when_it_goes(bench: Workbench) -> None:
    found, name, secrets = rotations(bench), bench.name("stack"), bench.client("secretsmanager")
    arn = found.secret()
    schedule = {
        "SecretId": arn,
        "RotationLambdaARN": found.function,
        "RotationRules": {"AutomaticallyAfterDays": 30},
        "RotateImmediatelyOnUpdate": False,
    }
    resource = {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": schedule}
    deploy(bench, name, {"Schedule": resource})
    described = secrets.describe_secret(SecretId=arn)
    assert (described["RotationEnabled"], described["RotationLambdaARN"]) == (True, found.function)
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30}
    found.events(arn, "TestRotationSucceeded")
    schedule.update(RotateImmediatelyOnUpdate=True, RotationRules={"AutomaticallyAfterDays": 7})
    deploy(bench, name, {"Schedule": resource})
    found.events(arn, "RotationSucceeded")
    remove(bench, name)
    assert secrets.describe_secret(SecretId=arn)["RotationEnabled"] is False


def test_a_policy_is_put_on_the_secret_and_goes_with_its_resource(bench: Workbench) -> None:
    secrets, name = bench.client("secretsmanager"), bench.name("stack")
    arn = secrets.create_secret(Name=bench.name("access-keys/user"), SecretString="v")["ARN"]
    denial = {**statement("secretsmanager:GetSecretValue", Principal="*"), "Effect": "Deny"}
    document = {"Version": "2012-10-17", "Statement": [denial]}
    properties = {"SecretId": arn, "ResourcePolicy": document}
    deploy(bench, name, {"P": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": properties}})
    assert json.loads(secrets.get_resource_policy(SecretId=arn)["ResourcePolicy"]) == document
    remove(bench, name)
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId=arn)


def test_a_parameter_comes_changes_and_goes_with_its_stack(bench: Workbench) -> None:
    ssm, stack, name = bench.client("ssm"), bench.name("stack"), bench.name("/access-key-remediator/mode")
    for value in ("notify", "auto"):
        properties = {"Name": name, "Type": "String", "Value": value}
        deploy(bench, stack, {"Mode": {"Type": "AWS::SSM::Parameter", "Properties": properties}})
        assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == value
    remove(bench, stack)
    assert ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"] == []
