"""Better alternatives to a long-term key, by the caller's user agent and address.

The advice is AWS's own (IAM user guide, security best practices, "use temporary credentials").
"""

from __future__ import annotations

import ipaddress
import re

from lambdas.aws.domain.iam import Caller

# The name of a code host alone is no CI system: Go modules put `github.com/...` into their user agents.
_CI = re.compile(
    r"github[-_ ]?actions|(?:^|\s)(?:aws-)?actions/|GITHUB_RUN|(?:gitlab|bitbucket)(?!\.(?:com|org)/)|"
    r"jenkins|circleci|buildkite|travis|teamcity|azure[-_ ]?(?:pipelines|devops)|"
    r"\bdrone\b|terraform[-_ ]?cloud|\bci/",
    re.IGNORECASE,
)
# The SDKs report where they run (AWS_EXECUTION_ENV). A job of a CI system that runs on AWS has a role, too.
_RUNS_ON_AWS = re.compile(r"exec-env/(?:AWS_|EC2|CloudShell|AmazonEC2|CodeBuild)", re.IGNORECASE)
_AWS_COMPUTE = re.compile(r"codebuild|amzn|AWS_Lambda_", re.IGNORECASE)
# Python's platform.release() is `2019Server`, Java's name `Windows_Server_2019`; .NET has the build alone.
_WINDOWS_SERVER = re.compile(
    r"windows[^\s;)]*server|windows (?:nt )?server|windows\S*10\.0\.(?:14393|17763|20348|25398)\b",
    re.IGNORECASE,
)
_LAPTOP = re.compile(r"os/(?:macos|windows)|Darwin|Windows|Macintosh|aws-vault|Mozilla", re.IGNORECASE)
_A_ROLE = "The caller runs on AWS: give its instance, task or function a role instead of a key."
_KEEP_IT = "keep the key in a secret manager, not in a file or image"
_AMAZON_NAME = re.compile(r"ec2.*\.amazonaws\.com$|\.compute\.amazonaws\.com$", re.IGNORECASE)


def advice_for(caller: Caller, *, is_managed: bool = False) -> str:
    """One sentence; empty if there is none. `is_managed`: the key is in a managed secret already."""
    agent = caller.user_agent
    if _RUNS_ON_AWS.search(agent):
        return _A_ROLE
    if _CI.search(agent):
        return "The caller looks like a CI system: let it assume a role through OIDC instead of a key."
    if _AWS_COMPUTE.search(agent) or _AMAZON_NAME.search(caller.source):
        return _A_ROLE
    if _LAPTOP.search(agent) and not _WINDOWS_SERVER.search(agent):
        return (
            "The caller looks like a person's machine: use IAM Identity Center, which issues"
            " short-lived credentials."
        )
    if _is_public(caller.source):
        advice = "If the caller is a server outside AWS, use IAM Roles Anywhere instead of a key"
        return f"{advice}." if is_managed else f"{advice}; otherwise {_KEEP_IT}."
    return "" if is_managed else f"If the caller needs a long-term key, {_KEEP_IT}."


def _is_public(source: str) -> bool:
    try:
        return ipaddress.ip_address(source).is_global
    except ValueError:
        return False
