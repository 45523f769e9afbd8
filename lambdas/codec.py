"""Converts dataclasses to the plain values of JSON and DynamoDB, and back.

An attribute has the field's name in camelCase. A datetime is ISO 8601 text in UTC, an enum its value, a tuple
a list, a frozenset a sorted list. A field at its default is not written. Types of stored fields must be
importable at run time, not under TYPE_CHECKING: their annotations are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin

from cattrs import BaseValidationError, Converter, override, transform_error
from cattrs.cols import list_structure_factory
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from lambdas.errors import PermanentError

T = TypeVar("T")

_stored_names: dict[type, dict[str, str]] = {}


def rename(cls: type, **stored_names: str) -> None:
    """Stores fields of `cls` under other names. The module that stores `cls` calls it when imported."""
    _stored_names[cls] = stored_names


def to_plain(value: object) -> dict[str, Any]:
    plain: dict[str, Any] = _converter().unstructure(value)
    return plain


def from_plain(cls: type[T], plain: object) -> T:
    """Ignores unknown attributes. A number is accepted as a time, in seconds since 1970.

    Raises PermanentError, which names the missing or malformed fields, but shows no value.
    """
    try:
        return _converter().structure(plain, cls)
    except (BaseValidationError, AttributeError, TypeError, ValueError) as error:
        problems = transform_error(error, path=cls.__name__, format_exception=_problem)
        raise PermanentError("; ".join(problems)) from None


def _problem(error: BaseException, _expected: object) -> str:
    return "missing field" if isinstance(error, KeyError) else "malformed value"


@cache
def _converter() -> Converter:
    """Built at the first conversion; what a class needs is built when it is first converted."""
    converter = Converter(unstruct_collection_overrides={frozenset: sorted, tuple: list})
    converter.register_unstructure_hook(datetime, lambda at: at.astimezone(UTC).isoformat())
    converter.register_structure_hook(datetime, _read_time)
    converter.register_structure_hook(int, _read_int)
    converter.register_structure_hook(bool, _read_as_is)
    converter.register_structure_hook(str, _read_as_is)
    for mixed in (StrEnum, IntEnum):  # else converted as the str or int that they are, too
        converter.register_structure_hook(mixed, lambda value, cls: cls(value))
        converter.register_unstructure_hook(mixed, lambda member: member.value)
    converter.register_structure_hook_func(lambda cls: cls is object, _read_as_is)
    converter.register_structure_hook_factory(_is_collection, _collection_reader)
    converter.register_unstructure_hook_factory(_is_dataclass, _dataclass_writer)
    converter.register_structure_hook_factory(_is_dataclass, _dataclass_reader)
    return converter


def _read_as_is(value: object, expected: type[T]) -> T:
    if isinstance(value, expected):
        return value
    raise TypeError


def _read_int(value: object, _: object) -> int:
    """DynamoDB's numbers are Decimals."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
        raise TypeError
    return int(value)


def _read_time(value: object, _: object) -> datetime:
    """A text without a zone is in UTC."""
    if not isinstance(value, str):
        return datetime.fromtimestamp(_read_int(value, int), tz=UTC)
    at = datetime.fromisoformat(value)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _is_collection(cls: object) -> bool:
    return get_origin(cls) is frozenset or (get_origin(cls) is tuple and get_args(cls)[-1] is ...)


def _collection_reader(cls: Any, converter: Converter) -> Callable[[Any, object], object]:  # noqa: ANN401 -- a generic alias has no type
    """Accepts no text, whose characters would be the elements."""
    read, collection = list_structure_factory(cls, converter), get_origin(cls)

    def read_collection(value: object, _: object) -> object:
        if not isinstance(value, list | set):
            raise TypeError
        return collection(read(value, cls))

    return read_collection


def _is_dataclass(cls: object) -> bool:
    return is_dataclass(get_origin(cls) or cls)


def _dataclass_writer(cls: Any, converter: Converter) -> Callable[[Any], dict[str, Any]]:  # noqa: ANN401 -- as above
    return make_dict_unstructure_fn(cls, converter, _cattrs_omit_if_default=True, **_overrides(cls))


def _dataclass_reader(cls: Any, converter: Converter) -> Callable[[Mapping[str, Any], Any], Any]:  # noqa: ANN401 -- as above
    return make_dict_structure_fn(cls, converter, **_overrides(cls))


def _overrides(cls: Any) -> dict[str, Any]:  # noqa: ANN401 -- as above
    plain_class = get_origin(cls) or cls
    names = {field.name: _camel_case(field.name) for field in fields(plain_class)}
    stored = names | _stored_names.get(plain_class, {})
    return {name: override(rename=attribute) for name, attribute in stored.items()}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
