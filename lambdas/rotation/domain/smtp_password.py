"""The SMTP password of Amazon SES, which is derived from a secret access key for one region (SES developer
guide, "Obtaining Amazon SES SMTP credentials by converting existing AWS credentials").
"""

from __future__ import annotations

import base64
import hashlib
import hmac

# All regions of the partitions aws, aws-cn, aws-us-gov and aws-eusc, because SES comes to new ones (botocore,
# endpoints.json; a test compares it).
_REGION_NAMES = """
    af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2
    ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
    ca-central-1 ca-west-1 cn-north-1 cn-northwest-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1
    eu-south-2 eu-west-1 eu-west-2 eu-west-3 eusc-de-east-1 il-central-1 me-central-1 me-south-1 mx-central-1
    sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 us-west-1 us-west-2
"""
REGIONS = tuple(_REGION_NAMES.split())
_DATE, _SERVICE, _TERMINAL, _MESSAGE = "11111111", "ses", "aws4_request", "SendRawEmail"
_VERSION = b"\x04"
_LENGTH = len(_VERSION) + hashlib.sha256().digest_size


def smtp_password(secret_access_key: str, region: str) -> str:
    signature = f"AWS4{secret_access_key}".encode()
    for part in (_DATE, region, _SERVICE, _TERMINAL, _MESSAGE):
        signature = hmac.digest(signature, part.encode(), hashlib.sha256)
    return base64.b64encode(_VERSION + signature).decode()


def looks_like_smtp_password(text: str) -> bool:
    """Whether the text has the form of an SES SMTP password, of whichever key and region."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return len(decoded) == _LENGTH and decoded.startswith(_VERSION)
