from __future__ import annotations

import json
import re
import textwrap
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambdas.aws.domain.refusal_sentences import SENTENCES, RefusalKind
from lambdas.detection.domain.log_line import find_refusal
from tests.support.builders import a_record, key_id
from tests.support.paths import GOLDEN

if TYPE_CHECKING:
    from lambdas.aws.domain.refusal_sentences import Sentence
    from lambdas.detection.domain.refusal import Refusal

KEY = key_id()
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzq8h3Kd0Ls"
BOTOCORE = (
    "botocore.exceptions.ClientError: An error occurred (InvalidClientTokenId) when calling the "
    "GetCallerIdentity operation: The security token included in the request is invalid."
)
GO = (
    "operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: "
    "RGV0OEPDDIL3N7B0E4QOC1SD4RVV4KQNSO5AEMVJF66Q9ASUAAJG, api error UnrecognizedClientException: "
    "The security token included in the request is invalid."
)
S3_BODY = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InvalidAccessKeyId</Code><Message>The AWS Access '
    f"Key Id you provided does not exist in our records.</Message><AWSAccessKeyId>{KEY}</AWSAccessKeyId>"
    "<RequestId>4FCBBDBCC93DC696</RequestId><HostId>abc</HostId></Error>"
)
WIRE = (
    f"PUT https://sqs.eu-central-1.amazonaws.com/ authorization: AWS4-HMAC-SHA256 Credential={KEY}/20260314/"
    "eu-central-1/sqs/aws4_request, SignedHeaders=host -> InvalidClientTokenId: The security token included "
    "in the request is invalid."
)
LINES = (BOTOCORE, GO, S3_BODY, WIRE)
# Words by which a line is no log of AWS. Hypothesis draws them too, from the constants of loaded modules.
ELSEWHERE = re.compile(
    "minio|ceph|AliyunOSS|OSSAccessKeyId|WHAT FAILED|WHAT HAPPENED|WHERE TO LOOK", re.IGNORECASE
)
AROUND = st.text(st.characters(categories=["L", "N", "Z"]), max_size=200).filter(
    lambda words: not ELSEWHERE.search(words)
)


def found_in(line: str) -> Refusal:
    refusal = find_refusal(line)
    assert refusal is not None
    return refusal


def test_a_line_says_which_call_was_refused() -> None:
    by_boto, by_go, by_wire = found_in(BOTOCORE), found_in(GO), found_in(WIRE)
    assert (by_boto.code, by_boto.operation) == ("InvalidClientTokenId", "GetCallerIdentity")
    assert (by_go.service, by_go.operation) == ("dynamodb", "PutItem")
    assert by_go.request_id.startswith("RGV0OEP")
    assert (by_wire.service, by_wire.region, by_wire.access_key_id) == ("sqs", "eu-central-1", KEY)
    assert (found_in(S3_BODY).access_key_id, found_in(S3_BODY).request_id) == (KEY, "4FCBBDBCC93DC696")


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.words)
def test_every_sentence_is_recognised_with_and_without_a_code(sentence: Sentence) -> None:
    for words in (sentence.words, f"{sentence.code}: The {sentence.words}."):
        assert found_in(words).sentence is sentence


@pytest.mark.parametrize("line", LINES)
@given(before=AROUND, after=AROUND)
@example(before="\x1b[31m\u2502 \x1b[0m\x1b[1m", after="\x1b[0m")
def test_whatever_stands_around_a_line_it_is_recognised(line: str, before: str, after: str) -> None:
    assert found_in(f"{before}\n{line}\n{after}").sentence == found_in(line).sentence


@pytest.mark.parametrize("line", LINES)
@given(depth=st.integers(0, 3), width=st.integers(40, 200), box=st.booleans(), colour=st.booleans())
def test_a_line_in_json_in_a_box_wrapped_or_coloured_says_the_same(
    line: str, depth: int, width: int, box: bool, colour: bool
) -> None:
    words = line.replace(" ", "\x1b[0m ") if colour else line
    changed = "\n".join(textwrap.wrap(words, width, break_long_words=False, break_on_hyphens=False))
    changed = textwrap.indent(changed, "\u2502 ") if box else changed
    for _ in range(depth):
        changed = json.dumps({"level": "error", "log": changed})
    assert found_in(changed) == found_in(line)


@pytest.mark.parametrize("line", LINES)
@given(length=st.integers(0, 600))
def test_a_truncated_line_is_recognised_as_long_as_its_sentence_is_whole(line: str, length: int) -> None:
    refusal, sentence = find_refusal(line[:length]), found_in(line).sentence
    assert (refusal is not None) == (sentence.words in line[:length])
    assert refusal is None or refusal.access_key_id in {"", KEY}


def test_of_a_long_event_the_surroundings_of_the_sentence_are_read() -> None:
    assert found_in("x " * 200_000 + WIRE + " y" * 200_000).access_key_id == KEY


@pytest.mark.parametrize(
    "piece",
    [
        '"userIdentity"',
        "a.",
        "\\",
        "endpoint ",
        "request id ",
        "Credential=",
        "An error ",
        KEY,
        "s3-",
        "/2026",
    ],
)
def test_no_line_takes_long_however_it_repeats_itself(piece: str) -> None:
    """A log event may have a megabyte, and anybody may have written it."""
    began = time.process_time()
    find_refusal(piece * (1_000_000 // len(piece)) + BOTOCORE + piece * 10_000)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "line",
    [
        "const ERR = 'InvalidClientTokenId';",
        "AuthFailure.ServiceLinkedRoleCreationNotPermitted: The provided credentials do not have permission",
        "InvalidAccessKeyId: The Access Key Id you provided does not exist in our records.",
        "The OSS Access Key Id you provided does not exist in our records.",
    ],
)
def test_a_code_word_or_the_sentence_of_another_product_is_no_refusal(line: str) -> None:
    assert find_refusal(line) is None


@pytest.mark.parametrize(
    "endpoint",
    [
        "endpoint=https://minio.internal:9000",
        'endpoint_url="https://s3.example.com"',
        "host: fra1.digitaloceanspaces.com",
        "https://account.r2.cloudflarestorage.com/bucket",
        "{ server: 'AliyunOSS' }",
    ],
)
def test_a_line_that_names_an_endpoint_of_another_product_is_refused(endpoint: str) -> None:
    line = "InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records."
    assert find_refusal(f"{endpoint} {line}") is None


@pytest.mark.parametrize("endpoint", ["endpoint=https://s3.eu-west-1.amazonaws.com", "endpoint: s3"])
def test_a_line_that_names_an_endpoint_of_aws_is_not(endpoint: str) -> None:
    assert find_refusal(f"{endpoint} {BOTOCORE}")


def test_a_record_of_cloudtrail_is_no_line_of_an_application() -> None:
    record = a_record(
        errorMessage="The security token included in the request is invalid.", eventVersion="1.09"
    )
    assert find_refusal(json.dumps(record)) is None
    assert find_refusal(json.dumps({"Message": json.dumps({"detail": record})})) is None


def test_every_alert_and_notification_of_our_own_is_left_alone() -> None:
    messages = [*GOLDEN.glob("*.txt"), *GOLDEN.glob("notifications/*.txt"), *GOLDEN.glob("updates/*.txt")]
    assert messages
    for message in messages:
        text = message.read_text()
        assert find_refusal(f"{text}\n{S3_BODY}") is None, message
        assert find_refusal(json.dumps({"Records": [{"Sns": {"Message": text}}]}) + BOTOCORE) is None, message


def test_of_several_ids_that_of_the_call_is_taken_or_none() -> None:
    other = key_id(2)
    assert found_in(f"{other} {BOTOCORE} {KEY}").access_key_id == ""
    assert found_in(f"{other} {S3_BODY}").access_key_id == KEY


@pytest.mark.parametrize("sent", ["***", "xxxx", "foo", "AKIA", KEY.lower(), f"{KEY}A", SECRET])
def test_what_is_no_usable_id_is_not_taken_for_one(sent: str) -> None:
    assert found_in(S3_BODY.replace(KEY, sent)).access_key_id == ""


@given(
    place=st.sampled_from(["Credential={}/20260314/", "request id: {} ", "calling the {} operation", "{}"]),
    secret=st.from_regex(r"[A-Za-z0-9/+]{40}", fullmatch=True),
)
def test_no_part_of_a_secret_goes_on(place: str, secret: str) -> None:
    refusal = found_in(f"{place.format(secret)} {BOTOCORE}")
    shown = (refusal.code, refusal.access_key_id, refusal.service, refusal.operation, refusal.region)
    assert not [text for text in shown if len(text) > 3 and text in secret]


def test_a_dead_key_goes_before_another_refusal_of_the_same_event() -> None:
    line = f"ExpiredToken: The provided token has expired. ... {BOTOCORE}"
    assert found_in(line).sentence.kind is RefusalKind.DEAD_KEY
    assert found_in(line).code == "InvalidClientTokenId"
