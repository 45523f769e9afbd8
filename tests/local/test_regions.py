from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from local.cdk import Cdk, merge_outputs, stack_regions

if TYPE_CHECKING:
    from pathlib import Path

    from local.emulator.process import LocalAws

MAIN, REGIONAL = "eu-central-1", "us-east-1"
APP = f"""
import os
from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk.aws_events import CfnEventBus

app = App()
account, main = os.environ["CDK_DEFAULT_ACCOUNT"], os.environ["CDK_DEFAULT_REGION"]
for name, region in (("Main", main), ("Regional", "{REGIONAL}")):
    stack = Stack(app, name, env=Environment(account=account, region=region))
    bus = CfnEventBus(stack, "Bus", name=name)
    CfnOutput(stack, "BusArn", value=bus.attr_arn)
    CfnOutput(stack, name, value=stack.region)
app.synth()
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "cdk.json").write_text(json.dumps({"app": f"{sys.executable} app.py"}))
    return tmp_path


def test_an_app_is_deployed_into_its_main_region_and_another(aws: LocalAws, app: Path) -> None:
    outputs = Cdk(aws, app, region=MAIN, main_stack="Main").deploy()
    assert (outputs["Main"], outputs["Regional"]) == (MAIN, REGIONAL)
    assert outputs["BusArn"].split(":")[3] == MAIN
    for region, name in ((MAIN, "Main"), (REGIONAL, "Regional")):
        buses = aws.session(region=region).client("events").list_event_buses()["EventBuses"]
        assert name in {bus["Name"] for bus in buses}


def test_the_outputs_of_other_stacks_do_not_replace_those_of_the_main_stack() -> None:
    stacks = {"A": {"Queue": "a"}, "Main": {"Queue": "main"}, "Z": {"Queue": "z", "Rule": "z"}}
    assert merge_outputs(stacks, "Main") == {"Queue": "main", "Rule": "z"}


def test_the_regions_of_an_assembly_are_those_of_its_stacks(tmp_path: Path) -> None:
    stack = {"type": "aws:cloudformation:stack"}
    regions = ("us-east-1", "eu-central-1", "us-east-1", "unknown-region")
    artifacts = {
        str(number): {**stack, "environment": f"aws://1/{region}"} for number, region in enumerate(regions)
    }
    artifacts["Tree"] = {"type": "cdk:tree"}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    assert stack_regions(tmp_path) == ["eu-central-1", "us-east-1"]


def test_the_sessions_and_the_environment_are_of_the_chosen_region(aws: LocalAws) -> None:
    away = aws.in_region(MAIN)
    assert away.session().region_name == away.environment()["AWS_DEFAULT_REGION"] == MAIN
    assert away.session(region=REGIONAL).region_name == REGIONAL
    assert aws.session().region_name == REGIONAL
