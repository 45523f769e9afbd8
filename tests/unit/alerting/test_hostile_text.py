"""No input, however hostile, breaks a limit or smuggles a link, a line or markup into any channel."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from hypothesis import given

from lambdas.alerting.domain.alert import BODY_LIMIT, SUBJECT_LIMIT, compose_alert
from lambdas.alerting.domain.chat_message import compose_chat_message
from tests.support.hostile_text import hostile_findings
from tests.unit.test_text import LINK

if TYPE_CHECKING:
    from lambdas.incidents.domain.finding import Finding

OUR_LINK = re.compile(r"https://(?:[a-z0-9-]+\.)?console\.aws\.amazon\.com/[A-Za-z0-9/?=&#.%~_-]+")
TITLES = re.compile(
    r"WHAT (?:HAPPENED|FAILED|TO RUN|WAS DONE)|WHOSE KEY|WHY: [a-z-]+ \([a-z]+\)|LONG TERM|WHERE TO LOOK"
)
ADDRESSES_AND_TIMES = re.compile(
    r"\d{2}:\d{2}:\d{2}(?:\.\d{6}Z)?|from [0-9a-f.:]+,|WHY: |sha256:[0-9a-f]{64}"
)
BLOCK = re.compile(r"```\n(.*?)\n```", re.DOTALL)
CODE = re.compile(r"[`<]")


def is_printable(text: str) -> bool:
    return all(" " <= character <= "~" for character in text)


@given(hostile_findings())
def test_the_subject_is_one_short_line_without_a_link(finding: Finding) -> None:
    subject = compose_alert(finding).subject
    assert len(subject) <= SUBJECT_LIMIT
    assert is_printable(subject)
    assert not LINK.search(subject)
    assert not re.search(r"[<>*`|~]|\]\(", subject)


@given(hostile_findings())
def test_the_body_has_our_sections_our_lines_and_our_links_alone(finding: Finding) -> None:
    body = compose_alert(finding).body
    lines = body.split("\n")
    assert body.count("\n") <= BODY_LIMIT
    assert all(map(is_printable, lines))
    assert all(TITLES.fullmatch(line) for line in lines if line and not line.startswith("  "))
    links = [line for line in lines if "://" in line]
    assert all(OUR_LINK.fullmatch(line.strip()) for line in links)
    prose = [line for line in lines if line not in links and not line.startswith("    ")]
    assert [line for line in prose if LINK.search(ADDRESSES_AND_TIMES.sub("", line))] == []


@given(hostile_findings())
def test_the_attributes_are_single_lines_that_sns_takes(finding: Finding) -> None:
    attributes = compose_alert(finding).attributes
    assert set(attributes) == {"cause", "decision", "severity", "owner", "account", "region", "contact"}
    assert all(value and is_printable(value) and len(value) <= 320 for value in attributes.values())
    assert attributes["contact"] in {"-", "team@example.com"}
    assert not LINK.search(attributes["region"])
    assert re.fullmatch(r"[A-Za-z0-9_+=,.@-]{1,128}", attributes["owner"])


@given(hostile_findings())
def test_a_chat_message_has_nothing_but_our_headings_and_links_outside_its_code(finding: Finding) -> None:
    alert = compose_alert(finding)
    message: Any = compose_chat_message(alert, thread=finding.incident.incident_id)
    content, metadata = message["content"], message["metadata"]
    assert not any(CODE.search(code) for code in BLOCK.findall(content["description"]))
    outside = [line for line in BLOCK.sub("", content["description"]).splitlines() if line]
    assert all(TITLES.fullmatch(line.strip("*")) for line in outside)
    assert all(OUR_LINK.fullmatch(step) for step in content["nextSteps"])
    for text in (content["title"], metadata["summary"], *content["keywords"], *metadata["relatedResources"]):
        assert is_inert_in_chat(text)
    assert all(map(is_inert_in_chat, metadata["additionalContext"].values()))
    assert re.fullmatch("[0-9a-f]{32}", metadata["threadId"])
    assert is_printable(json.dumps(message))


def is_inert_in_chat(text: str) -> bool:
    """No mention, link or emphasis of Slack or Teams; an underscore within a word is none."""
    return is_printable(text) and not re.search(r"[<>*`|~&#\\]|\]\(|\b_|_\b|!\[|:\w+:|(?<!\w)@\w", text)
