"""SES SMTP passwords, compared with those that AWS's own program prints.

PUBLISHED is the output of ses_generate_smtp_credentials.py (SES developer guide, "Obtaining Amazon SES SMTP
credentials by converting existing AWS credentials"; also python/example_code/ses in
https://github.com/awsdocs/aws-doc-sdk-examples), run for each region that it lists: with the secret of AWS's
example key, and with one that has more special characters.
"""

from __future__ import annotations

import json
from pathlib import Path

import botocore
import pytest

from lambdas.rotation.domain.smtp_password import REGIONS, looks_like_smtp_password, smtp_password

PUBLISHED = {
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": """
        us-east-2 BMPPgbAHoFVbze1Ud0oA5uNdXRwUXUZ+qOwphGJbl/cS
        us-east-1 BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9
        us-west-2 BF2PynzbSCAjX08zhZZnP/kW+T9P5zs/1Er0pi5vTEmd
        ap-south-1 BC+0XHfzX9OCIS1tbpn8R5pwm6cCZJGBRZ/nTeWUV9n+
        ap-northeast-2 BFrwSu3BsGr8nvY2bDCyObUpnNCGFtmAY0j+5nSYn0ZQ
        ap-southeast-1 BPFxvU6FSotUttFTKPPijavrWlByiD8MvThjbo1MuvNt
        ap-southeast-2 BLNVIwl1Vk66qi8YP1q44PSaqUtaoyrS/0LT79VaGBfa
        ap-northeast-1 BEBMrlH2tcrvRtSfkd6WbOlpfHSCPAV60ZayJ9ZqHS5c
        ca-central-1 BAasSsnWzpnb1x/UOD58KEOQvGKrh4RNYWJDqqq9/dFC
        eu-central-1 BF0/eIJm0ruTHsSjOkRuOGzGF+zeSyE3aiRzrzUQ8LwG
        eu-west-1 BMW5RDrXmmVs0lV7GpI4oLkHXpZ4stDsk6q91z1g38Pk
        eu-west-2 BGHJBzaql1Li4ktLk1UG51S49aDmvGyh5q3+hHCRbGC/
        eu-south-1 BB6E056qvLxuXvbuv2DoJx/ZvF9P9zncKDFpZqVtLlcZ
        eu-north-1 BPfy85A/4ChxYc0s4mIG5bpIlvRl5AP1uupODe8KaHpf
        sa-east-1 BMaY55NZ29oKHOmwPeGZOue+QPW4b9Vwt4rVGhRfAK+4
        us-gov-west-1 BHW/eHvx1MM9YwW4wrJG6MGVQmLDCAM99G9YiSdGEIAw
        us-gov-east-1 BDbjzo1L7xKOxIjPyOlWfCvgg1PUXUV1g6vaCtxyPF/r
    """,
    "A+b/CdEfGhIjKlMnOpQrStUvWxYz0123456789+/": """
        us-east-2 BPMD7TlHb6MJehrS8aoyM7xtZ08Gmvx6Yp9SihhJmoDq
        us-east-1 BNzgPWG+MurWqmrowjLiqXNgKkow1hd5uL/b8Ryymq7Y
        us-west-2 BIHzNpWqmtMQYuH6pcjw6jvjWwCcVEkSwT1KOLDI0MVS
        ap-south-1 BMxKREA1dXCm1Gru6LuiUDAG8VOhwCirv2TLDYLgKKYQ
        ap-northeast-2 BM2qUxeUeygZ+eHnn3q5z/uNIYSEHEkwMGb6UNs1zAib
        ap-southeast-1 BHBbHoLPszYrfsYkLMdYO9dATjDtCI2hnetcJ7Zqt6XW
        ap-southeast-2 BEB9bplZcJWyLLv5BzWeuOwjQG/WbckzELv07kDcnvmm
        ap-northeast-1 BHeAKzByBl7wcox85YQEK7jzQxPRCNm4phG6Pp5c+HwJ
        ca-central-1 BLecOcmcR51cKl253lJUS5v/mHlir0oCyMPR6QUebopV
        eu-central-1 BIrPKUOiqgXmizyY869dx/EocZUHY5aDUzprwmqzB7EC
        eu-west-1 BD/Y/veWj6Jls2twRoL002Vj5KX90vHzAzwaGi+Ys/CW
        eu-west-2 BAQLb0nLAv20lcIz1xxGGwGZXHALZ0VnzY6v+qWdejDC
        eu-south-1 BHJ6cJH02YferFKZjfOAJuxMkRKL8VmjE5+P+Wslkq9s
        eu-north-1 BIwOlY8BlZE3qaTMHiWlnQkbEF2taFtXZ+7PzFRlDxCk
        sa-east-1 BFeoQ3obtw33Uy7yFMA1mFzLiBkVfIjrM/xjkc4/ekTo
        us-gov-west-1 BFhTc2xuD1X9wdQPrPjnWYzth8G+5eGpxwHiZ3w4exVa
        us-gov-east-1 BKMy1oaoPMPEoWXeRa1CcYwChetP+izEWAaGEIBzAFcR
    """,
}
CASES = [
    (secret, *line.split())
    for secret, lines in PUBLISHED.items()
    for line in lines.splitlines()
    if line.strip()
]


@pytest.mark.parametrize(("secret", "region", "password"), CASES)
def test_a_password_is_the_one_that_the_program_of_aws_prints(
    secret: str, region: str, password: str
) -> None:
    assert smtp_password(secret, region) == password
    assert looks_like_smtp_password(password)


def test_every_region_of_the_program_and_of_the_sdk_is_known() -> None:
    endpoints = Path(botocore.__file__).parent / "data" / "endpoints.json"
    partitions = json.loads(endpoints.read_text(encoding="utf-8"))["partitions"]
    public = {"aws", "aws-cn", "aws-us-gov", "aws-eusc"}
    known = {region for one in partitions if one["partition"] in public for region in one["regions"]}
    assert set(REGIONS) == known
    assert {region for _, region, _ in CASES} <= known


@pytest.mark.parametrize(
    "text",
    [
        "",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AgPPgbAHoFVbze1Ud0oA5uNdXRwUXUZ+qOwphGJbl/cS",
        "BMPPgbAHoFVbze1Ud0oA5uNdXRwUXUZ+qOwphGJbl_cS",
        "BMPPgbAHoFVbze1Ud0oA5uNdXRwUXUZ+qOwphGJb",
        "a password with words",
    ],
)
def test_other_texts_do_not_look_like_a_password(text: str) -> None:
    assert not looks_like_smtp_password(text)
