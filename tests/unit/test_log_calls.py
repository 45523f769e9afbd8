from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.log_calls import BORROWED, UNREADABLE, calls_in, log_calls, reserved_names


def test_no_log_call_has_a_field_of_a_name_that_the_logging_keeps_for_itself() -> None:
    refused = {*reserved_names(), UNREADABLE, BORROWED}
    faults = {str(call): wrong for call in log_calls() if (wrong := refused & set(call.fields))}
    assert not faults


def test_the_log_calls_of_the_functions_are_found() -> None:
    assert {call.path.stem for call in log_calls()} >= {"retirement_run", "rotation_step", "reporting"}


def test_the_names_that_records_or_lines_have_of_themselves_are_reserved() -> None:
    of_records = {"created", "name", "msg", "args", "module", "message", "asctime", "taskName", "exc_info"}
    of_lines = {"level", "location", "timestamp", "service", "exception", "function_name", "cold_start"}
    assert reserved_names() >= of_records | of_lines


def test_what_the_fields_of_the_functions_are_called_is_free() -> None:
    assert not {"secret", "step", "user", "reason", "secret_created"} & reserved_names()


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("logger.info('granted', user=user, created=True)", ("user", "created")),
        ("self.logger.warning('x', extra={'created': 1})", ("created",)),
        ("log.error('x', **{'name': 1}, exc_info=error)", ("name",)),
        ("logger.append_keys(service='x')", ("service",)),
        ("logger.info('x', extra={'exc_info': error})", ("exc_info",)),
        ("logger.info('x', **fields)", (UNREADABLE,)),
        ("logger.info('x', extra=fields)", (UNREADABLE,)),
        ("logger.info('x', extra={**fields, key: 1})", (UNREADABLE, UNREADABLE)),
        ("say = logger.info", (BORROWED,)),
        ("logger.info('x', exc_info=error, stacklevel=3)", ()),
    ],
)
def test_a_field_is_found_however_it_is_handed_over(source: str, fields: tuple[str, ...]) -> None:
    [call] = calls_in(source, Path("a.py"))
    assert call.fields == fields


def test_an_error_that_is_looked_at_is_no_log_call() -> None:
    assert not calls_in("if answer.error: print(answer.error.code)", Path("a.py"))
