"""The AWS account and region that a target of the Makefile changes, and the confirmation that it asks for."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

from lambdas.errors import PermanentError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# https://docs.aws.amazon.com/general/latest/gr/sts.html
AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn")


@dataclass(frozen=True)
class Account:
    account_id: str
    region: str
    endpoint: str = ""  # where it is not AWS's own

    def __str__(self) -> str:
        at = f", at {self.endpoint} instead of AWS" if self.endpoint else ""
        return f"account {self.account_id}, region {self.region}{at}"


def find_account() -> Account:
    """Of the caller's credentials. The CDK reads AWS_REGION, which boto3 does not. Without a region STS would
    answer, and the CDK would choose one.
    """
    region = os.environ.get("AWS_REGION") or boto3.Session().region_name
    if not region:
        raise NoRegionError
    boto3.setup_default_session(region_name=region)
    sts = boto3.client("sts")
    endpoint = sts.meta.endpoint_url
    is_of_aws = (urlsplit(endpoint).hostname or "").endswith(AWS_DOMAINS)
    account_id = sts.get_caller_identity()["Account"]
    return Account(account_id, sts.meta.region_name, "" if is_of_aws else endpoint)


def is_confirmed(
    account: Account, environment: Mapping[str, str] = os.environ, ask: Callable[[str], str] = input
) -> bool:
    """Whether the account id was given, in CONFIRM or by the person who is asked for it."""
    try:
        given = environment.get("CONFIRM") or ask("Type the account id to continue: ")
    except EOFError:
        given = ""
    if given.strip() != account.account_id:
        print("That is not the account id, so nothing was changed.")
        return False
    return True


def reporting_errors(command: Callable[[], int]) -> int:
    """The exit code: 1 if AWS refuses a call or cannot be reached, which is printed."""
    try:
        return command()
    except (BotoCoreError, ClientError, PermanentError, TransientError) as error:
        print(f"AWS has refused a call, or cannot be reached: {error}", file=sys.stderr)
        return 1
