from __future__ import annotations

import pytest

from lambdas.aws.domain.error_codes import KEY_FAILURE_CODES, RELATED_CODES, ErrorClass, classify_error


@pytest.mark.parametrize("code", sorted(KEY_FAILURE_CODES))
@pytest.mark.parametrize("prefix", ["", "Client."])
@pytest.mark.parametrize(
    "message",
    [
        "The security token included in the request is invalid.",
        "The AWS Access Key Id you provided does not exist in our records.",
        "The AWS access key ID that you provided does not exist in our records.",
        "The X.509 certificate or AWS access key ID provided does not exist in our records.",
        "The provided X.509 certificate or AWS access key ID provided doesn't exist in our records.",
        "The Access Key ID or security token is invalid.",
        "AWS was not able to validate the provided access credentials",
        "AWS was not able to validate the provided access keys.",
    ],
)
def test_a_key_failure_code_with_a_known_message_means_that_the_key_was_rejected(
    code: str, prefix: str, message: str
) -> None:
    assert classify_error(prefix + code, message) is ErrorClass.KEY_REJECTED


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidClientTokenId", "No account found for the given parameters"),
        ("UnrecognizedClientException", "No account found for the given parameters"),
        ("Client.AuthFailure", "Not authorized for images: [ami-0abc]"),
        (
            "Client.AuthFailure",
            "vm-import-export@amazon.com must have WRITE and READ_ACL permission on the S3 bucket.",
        ),
        (
            "Client.AuthFailure.ServiceLinkedRoleCreationNotPermitted",
            "The provided credentials do not have permission to create the service-linked role.",
        ),
        ("CloudTrailInvalidClientTokenIdException", "The security token included in the request is invalid"),
        ("RequestExpired", ""),
        ("IncompleteSignature", ""),
        ("MissingAuthenticationToken", ""),
        ("AccessDenied", "The security token included in the request is invalid"),
    ],
)
def test_similar_and_other_codes_are_unrelated(code: str, message: str) -> None:
    assert classify_error(code, message) is ErrorClass.UNRELATED


@pytest.mark.parametrize("message", ["", "Something that AWS may say tomorrow"])
def test_a_key_failure_code_without_a_known_message_is_ambiguous(message: str) -> None:
    assert classify_error("Client.AuthFailure", message) is ErrorClass.AMBIGUOUS


@pytest.mark.parametrize("code", sorted(RELATED_CODES))
def test_related_credential_errors_are_recognised_whatever_their_message(code: str) -> None:
    assert (
        classify_error(code, "The security token included in the request is invalid")
        is ErrorClass.RELATED_CREDENTIAL_ERROR
    )
