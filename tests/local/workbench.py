"""What the tests of the local AWS keep needing: users and keys, queues that collect, functions."""

from __future__ import annotations

import io
import json
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.emulator.process import LocalAws

Key: TypeAlias = tuple[str, str]
Found = TypeVar("Found")
NUMBERS = count(1)


def eventually(look: Callable[[], Found], seconds: float = 8) -> Found:
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found, f"nothing after {seconds} s"
    return found


def statement(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})


@dataclass
class Workbench:
    aws: LocalAws
    region: str = "us-east-1"
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = cache(self.session().client)

    def session(self, key: tuple[str, ...] | None = None, region: str | None = None) -> Any:
        return self.aws.session(key, region or self.region)

    def name(self, kind: str) -> str:
        return f"{kind}-{next(NUMBERS)}"

    def user(self, *statements: dict[str, Any]) -> str:
        name = self.name("user")
        self.client("iam").create_user(UserName=name)
        if statements:
            document = policy(*statements)
            self.client("iam").put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        return name

    def key(self, user: str) -> Key:
        key = self.client("iam").create_access_key(UserName=user)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def inactive_key(self) -> Key:
        user = self.user()
        key = self.key(user)
        self.client("iam").update_access_key(UserName=user, AccessKeyId=key[0], Status="Inactive")
        return key

    def refuse(self, key: Key, service: str = "sts", operation: str = "get_caller_identity") -> None:
        with suppress(ClientError):
            getattr(self.session(key).client(service), operation)()

    def queue(self, policy_statement: dict[str, Any] | None = None, **attributes: str) -> tuple[str, str]:
        """Its URL and its ARN."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=self.name("queue"), Attributes=attributes)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        if policy_statement:
            document = policy({**policy_statement, "Resource": arn})
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
        return url, arn

    def open_queue(self, service: str) -> tuple[str, str]:
        return self.queue(statement("sqs:SendMessage", Principal={"Service": f"{service}.amazonaws.com"}))

    def events(self, pattern: dict[str, Any], state: str = "ENABLED", bus: str = "default") -> str:
        """A queue that gets what a rule of this pattern matches."""
        url, arn = self.open_queue("events")
        self.rule(pattern, arn, state, bus)
        return url

    def rule(
        self, pattern: dict[str, Any], target: str, state: str = "ENABLED", bus: str = "default", **more: Any
    ) -> str:
        on_bus = {"EventBusName": bus}
        rule, events = self.name("rule"), self.client("events")
        events.put_rule(Name=rule, EventPattern=json.dumps(pattern), State=state, **on_bus)
        events.put_targets(Rule=rule, Targets=[{"Id": "t", "Arn": target, **more}], **on_bus)
        return rule

    def receive(self, url: str, wait: int = 5) -> list[dict[str, Any]]:
        answer = self.client("sqs").receive_message(
            QueueUrl=url, WaitTimeSeconds=wait, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        for message in messages:
            self.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return messages

    def event(self, url: str) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.receive(url)[0]["Body"])
        return event

    def history(self, attribute: str, value: str) -> list[dict[str, Any]]:
        query = [{"AttributeKey": attribute, "AttributeValue": value}]
        events: list[dict[str, Any]] = self.client("cloudtrail").lookup_events(LookupAttributes=query)[
            "Events"
        ]
        return events

    def records(self, attribute: str, value: str) -> list[dict[str, Any]]:
        return [json.loads(event["CloudTrailEvent"]) for event in self.history(attribute, value)]

    def kms_key(self, *statements: dict[str, Any]) -> str:
        """Its ARN; the account's own policies apply to it too."""
        account = statement("kms:*", Principal={"AWS": f"arn:aws:iam::{self.aws.account}:root"})
        document = policy(account, *statements)
        arn: str = self.client("kms").create_key(Policy=document)["KeyMetadata"]["Arn"]
        return arn

    def role(self, service: str, *statements: dict[str, Any]) -> str:
        """Its ARN."""
        role = self.name("role")
        trust = statement("sts:AssumeRole", Principal={"Service": f"{service}.amazonaws.com"})
        trust.pop("Resource")
        iam = self.client("iam")
        answer = iam.create_role(RoleName=role, AssumeRolePolicyDocument=policy(trust))
        if statements:
            iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=policy(*statements))
        arn: str = answer["Role"]["Arn"]
        return arn

    def bus(self) -> tuple[str, str]:
        """Its name and its ARN."""
        name = self.name("bus")
        return name, self.client("events").create_event_bus(Name=name)["EventBusArn"]

    def function(self, code: str, *statements: dict[str, Any], **environment: str) -> str:
        arn = self.role("lambda", *statements)
        name = self.name("function")
        self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=arn,
            Handler="index.handler",
            Code={"ZipFile": zipped(code)},
            Environment={"Variables": environment},
        )
        return name


def zipped(code: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", code)
    return archive.getvalue()
