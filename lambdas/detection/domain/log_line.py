"""Recognises a refused call in the text of a log event.

By AWS's sentence, never by a code word, which ordinary code and other products use too.
"""

from __future__ import annotations

import re

from lambdas.aws.domain.refusal_sentences import SENTENCES, RefusalKind, Sentence
from lambdas.detection.domain import refusal_fields as fields
from lambdas.detection.domain.log_text import plain_text
from lambdas.detection.domain.refusal import Refusal

_SENTENCES = {sentence.words: sentence for sentence in SENTENCES}
_SENTENCE = re.compile("|".join(map(re.escape, _SENTENCES)))
# What belongs to the call, of an event that may have a megabyte.
_AROUND = 4000
# The remediator's messages quote AWS's sentences, and somebody may log them.
_OWN_MARKERS = (
    "WHAT FAILED",
    "WHAT HAPPENED",
    "WHERE TO LOOK",
    "access-key-remediator",
    "access-key-incident",
)
_CLOUDTRAIL_FIELDS = ('"eventVersion"', '"userIdentity"')
# S3's protocol is spoken by others, which answer with S3's words.
_OTHER_PRODUCT = re.compile(
    r"\b(?:aliyuncs|backblazeb2|cloudflarestorage|digitaloceanspaces|linodeobjects|myqcloud|outscale|scw|"
    r"wasabisys|googleapis|oraclecloud|windows)\.(?:com|cloud|net)\b"
    r"|AliyunOSS|OSSAccessKeyId|x-oss-request-id|x-minio-|\bminio\b|\bceph\b",
    re.IGNORECASE,
)
_ENDPOINT = re.compile(r"\bendpoint(?:_?url)?\W{1,5}(?:https?://)?([A-Za-z0-9.-]{1,253})", re.IGNORECASE)
_AWS_HOST = re.compile(r"(?:.*\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws|aws\.dev)\.?", re.IGNORECASE)


def find_refusal(message: str) -> Refusal | None:
    """None if the text shows no refused call, or one of another product, or is a message of our own.

    Of several refusals in one event, which chained exceptions repeat, one of a dead key goes first.
    """
    text = plain_text(message)
    found = max(_SENTENCE.finditer(text), key=_shows_a_dead_key, default=None)
    if found is None or _is_a_report(text):
        return None
    begin = max(0, found.start() - _AROUND)
    around = text[begin : found.end() + _AROUND]
    return (
        None if _is_of_another_product(around) else _read(_SENTENCES[found[0]], around, found.start() - begin)
    )


def _shows_a_dead_key(found: re.Match[str]) -> bool:
    return _SENTENCES[found[0]].kind is RefusalKind.DEAD_KEY


def _read(sentence: Sentence, text: str, at: int) -> Refusal:
    return Refusal(
        sentence=sentence,
        code=fields.code(text, at),
        access_key_id=fields.access_key_id(text),
        service=fields.service(text),
        operation=fields.operation(text, at),
        region=fields.region(text),
        request_id=fields.request_id(text),
    )


def _is_a_report(text: str) -> bool:
    """A message about a refused call instead of its log."""
    is_record = all(field in text for field in _CLOUDTRAIL_FIELDS)
    return is_record or any(marker in text for marker in _OWN_MARKERS)


def _is_of_another_product(text: str) -> bool:
    endpoint = _ENDPOINT.search(text)
    is_elsewhere = endpoint is not None and "." in endpoint[1] and not _AWS_HOST.fullmatch(endpoint[1])
    return is_elsewhere or _OTHER_PRODUCT.search(text) is not None
