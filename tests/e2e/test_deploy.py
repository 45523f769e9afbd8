"""`make deploy`, against a local AWS instead of the account of the caller's credentials."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from local.cdk import CLI_HOME, ROOT, install_cli
from local.emulator.process import start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.emulator.process import LocalAws

# The main region lacks what few regions lack: Lambda's detection of recursive loops.
MAIN, HOME, THIRD = "mx-central-1", "us-east-1", "eu-west-3"
DEPLOY_SECONDS = 400
# Two deployments with three bootstraps take minutes on a busy machine.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[LocalAws]:
    aws = start(tmp_path / "aws").in_region(MAIN)
    yield aws
    aws.stop()


def deploy(aws: LocalAws, home: Path) -> str:
    environment = aws.environment() | {
        "AWS_REGION": MAIN,
        "CONFIRM": aws.account,  # or it would not deploy to a local AWS
        "NODE_EXTRA_CA_CERTS": str(aws.ca_bundle),
        "CDK_REQUIRE_APPROVAL": "never",  # which a person is asked for
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "HOME": str(home),
        "PATH": f"{CLI_HOME.parent / 'bin'}:/usr/bin:/bin",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "local.deploy"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEPLOY_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def stacks(aws: LocalAws, region: str) -> set[str]:
    found = aws.session(region=region).client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"] for stack in found}


def test_each_region_is_bootstrapped_before_its_stack_is_deployed(empty: LocalAws, tmp_path: Path) -> None:
    install_cli()
    assert "bootstrapped" in deploy(empty, tmp_path)
    assert stacks(empty, MAIN) == {"CDKToolkit", "AccessKeyRemediator"}
    assert stacks(empty, HOME) == {"CDKToolkit", f"AccessKeyRemediator-{HOME}-to-{MAIN}"}
    for region, target in ((HOME, MAIN), (THIRD, MAIN), (THIRD, HOME)):
        leave_stack(empty, region, target)
    output = deploy(empty, tmp_path)
    assert "bootstrapped" not in output, "what is bootstrapped is left as it is"
    assert re.findall("aws cloudformation delete-stack .*", output) == [
        f"aws cloudformation delete-stack --region {region} --stack-name Left-{region}-to-{MAIN}"
        for region in (THIRD, HOME)
    ]


def leave_stack(aws: LocalAws, region: str, target: str) -> None:
    """As it stays when a region is taken out of the configuration, or its stack gets another name."""
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    description = f"Access Key Remediator: forwards signals from {region} to {target}"
    aws.session(region=region).client("cloudformation").create_stack(
        StackName=f"Left-{region}-to-{target}",
        TemplateBody=json.dumps(topic | {"Description": description}),
    )
