"""What would serve a caller better than a long-term key, as its user agent and address tell.

The advice is AWS's own (IAM user guide, security best practices, "use temporary credentials").
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lambdas.domain.signal import Caller

_CI = re.compile(
    r"github|gitlab|jenkins|circleci|bitbucket|buildkite|travis|teamcity|azure[-_ ]?(?:pipelines|devops)|"
    r"codebuild|drone|terraform[-_ ]?cloud|\bci/",
    re.IGNORECASE,
)
_AWS_COMPUTE = re.compile(
    r"exec-env/(?:AWS_Lambda|AWS_ECS|EC2|CloudShell|AmazonEC2)|amzn|AWS_Lambda_", re.IGNORECASE
)
_LAPTOP = re.compile(r"os/(?:macos|windows)|Darwin|Windows|Macintosh|aws-vault|Mozilla", re.IGNORECASE)
_AMAZON_NAME = re.compile(r"ec2.*\.amazonaws\.com$|\.compute\.amazonaws\.com$", re.IGNORECASE)


def advice_for(caller: Caller) -> str:
    """One sentence, or an empty text where nothing is known of the caller."""
    agent = caller.user_agent
    if _CI.search(agent):
        return "The caller looks like a CI system: let it assume a role through OIDC instead of a key."
    if _AWS_COMPUTE.search(agent) or _AMAZON_NAME.search(caller.source):
        return "The caller runs on AWS: give its instance, task or function a role instead of a key."
    if _LAPTOP.search(agent):
        return "The caller looks like a person's machine: IAM Identity Center gives it short-lived keys."
    if _is_public(caller.source):
        return "If the caller is a server outside AWS, IAM Roles Anywhere replaces its key by a certificate."
    return ""


def _is_public(source: str) -> bool:
    try:
        return ipaddress.ip_address(source).is_global
    except ValueError:
        return False
