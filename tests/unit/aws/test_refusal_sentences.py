from __future__ import annotations

import pytest

from lambdas.aws.domain.error_codes import ErrorClass, classify_error
from lambdas.aws.domain.refusal_sentences import SENTENCES, RefusalKind, Sentence, filter_pattern

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
LONGEST_PATTERN = 1024


def test_the_filter_pattern_with_all_sentences_is_not_too_long() -> None:
    assert len(filter_pattern()) <= LONGEST_PATTERN
    assert all(f'?"{sentence.words}"' in filter_pattern() for sentence in SENTENCES)


def test_no_sentence_has_a_character_that_ends_or_escapes_a_phrase() -> None:
    assert all(set(sentence.words) & set('"\\') == set() for sentence in SENTENCES)


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.words)
def test_cloudtrail_is_judged_by_the_same_sentences(sentence: Sentence) -> None:
    rejected = ErrorClass.KEY_REJECTED if sentence.kind is RefusalKind.DEAD_KEY else None
    expected = rejected or ErrorClass.RELATED_CREDENTIAL_ERROR
    assert classify_error(sentence.code, f"The {sentence.words}.") is expected
