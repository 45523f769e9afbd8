from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.aws.domain.redaction import may_hold_a_secret, without_secrets

if TYPE_CHECKING:
    from uuid import UUID

SECRETS = ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "h8Kq2ZtV+0mNbYwRx4LcJ7sDfGp1aQeUi9oT3/yE")
WRAPPINGS = {
    "as it is": "{0}{1}{2}{3}",
    "over two lines": "{0}{1}\n{2}{3}",
    "over four lines, indented": "{0}\r\n  {1}\r\n  {2}\r\n  {3}",
    "in quoted parts": "\"{0}\" \"{1}\" '{2}' '{3}'",
    "in a list": "'{0}', '{1}', '{2}', '{3}'",
    "with backslashes at line ends": "{0}{1}\\\n{2}{3}",
    "with invisible characters": "{0}\u200b{1}\ufeff{2}\u00a0{3}",
    "after its id": "AKIAIOSFODNN7EXAMPLE {0}{1}{2}{3}",
    "after its id and a comma": "AKIARZPUZDIKAAAAAAAB,{0}{1}{2}{3}",
    "after its id and a colon": "AKIARZPUZDIKAAAAAAAB:{0}{1}{2}{3}",
    "after its id, in lines": "AKIARZPUZDIKAAAAAAAB\n{0}\n{1}\n{2}\n{3}",
    "with the name of its variable": "aws_secret_access_key = {0}{1} {2}{3}",
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("encoded", ["no", "base64url", "for a URL"])
def test_a_secret_is_detected_however_it_is_wrapped_and_encoded(
    wrapping: str, secret: str, encoded: str
) -> None:
    text = WRAPPINGS[wrapping].format(*(secret[start : start + 10] for start in range(0, 40, 10)))
    if encoded == "base64url":
        text = text.replace("+", "-").replace("/", "_")
    if encoded == "for a URL":
        text = text.replace("+", "%2B").replace("/", "%2F")
    assert may_hold_a_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        " AKIAIOSFODNN7EXAMPLE\n",
        "AKIAIOSFODNN7EXAMPLE AKIAI44QH8DHBEXAMPLE",
        "aws_access_key_id=AKIAIOSFODNN7EXAMPLE",
        "aws_access_key_id = AKIARZPUZDIKAAAAAAAB",
        "export AWS_ACCESS_KEY_ID=AKIARZPUZDIKAAAAAAAB",
        "550e8400-e29b-41d4-a716-446655440000",
        "AKIA-550e8400-e29b-41d4-a716-446655440000",
        "Put your AWS access key id here, please",
        "Prod-Access-Key-2024-For-Service-A",
        "<insert your 20 character Access Key id>",
        "arn:aws:iam::123456789012:user/Deployment_Pipeline_Of_Team_7",
    ],
)
def test_words_names_and_ids_in_an_id_field_are_not_secrets(text: str) -> None:
    assert not may_hold_a_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "550e8400-e29b-41d4-a716-446655440000",
        "550E8400-E29B-41D4-A716-446655440000",
        "request 550e8400-e29b-41d4-a716-446655440000 Root=1-67f2e3c4-5a6b7c8d9e0f1a2b3c4d5e6f",
        "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/Jane_Doe-2",
        "aws-sdk-java/1.12.488 Linux/5.4.247 OpenJDK_64-Bit_Server_VM/25.372-b08 vendor/Oracle_Corporation",
        "Boto3/1.34 exec-env/AWS_Lambda_python3.13 cfg/retry-mode#standard_2-Long_Name_Of_Something_3",
        "configure-aws-credentials-for-github-actions",
        "UpdateFunctionConfiguration20150331v2",
        "assumed-role/RscScpDisallow/1631196079303620000 is not authorized",
        "GetAccessKeyLastUsedAndManyOtherThingsOfIt",
    ],
)
def test_ordinary_text_is_unchanged(text: str) -> None:
    assert without_secrets(text) == text


@given(st.uuids())
def test_no_uuid_is_detected_as_a_secret_or_removed(uuid: UUID) -> None:
    for text in (str(uuid), str(uuid).upper(), f"id {uuid}, Again {uuid}"):
        assert without_secrets(text) == text
        assert not may_hold_a_secret(text)
