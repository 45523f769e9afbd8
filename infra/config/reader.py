"""Builds the configuration's dataclasses from JSON; an error message begins with the full path of the field.

The annotations of the dataclasses are read at run time, so their modules must not postpone them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import GenericAlias
from typing import Any, TypeVar, get_args, get_origin

from cattrs import AttributeValidationNote, BaseValidationError, Converter, IterableValidationNote, override
from cattrs.gen import make_dict_structure_fn

from infra.config.fields import Check, ConfigError, must_be

Structured = TypeVar("Structured")

_converter = Converter()
# With types wide enough for annotations that are known at run time only.
_structure: Callable[[object, Any], Any] = _converter.structure
_origin: Callable[[object], Any] = get_origin


def structure(value: object, as_type: type[Structured], path: str) -> Structured:
    """Raises ConfigError for the first invalid value. `path` is the path of `value` itself."""
    try:
        return _converter.structure(value, as_type)
    except (BaseValidationError, ConfigError) as error:
        raise _first_error(error, path) from None


def _first_error(error: BaseException, path: str) -> BaseException:
    """For each object and list, cattrs groups the errors and adds a note with the place of each."""
    while isinstance(error, BaseValidationError):
        error = error.exceptions[0]
        path += "".join(map(_step, getattr(error, "__notes__", [])))
    return ConfigError(error.problem, path=path + error.path) if isinstance(error, ConfigError) else error


def _step(note: object) -> str:
    match note:
        case IterableValidationNote(index=int(index)):
            return f"[{index}]"
        case IterableValidationNote(index=key):
            return f".{key}"
        case AttributeValidationNote(name=name):
            return f".{_camel_case(name)}"
        case _:
            return ""


def _object(of_type: type) -> Callable[[object, object], object]:
    """Fields are camelCase in JSON. A missing field without a default is treated as null."""
    names = names_in_json(of_type)
    defaults = {field.name: (field.default, field.default_factory) for field in fields(of_type)}
    nested = {
        f"{names[it.name]}.{name}": name
        for it in fields(of_type)
        if isinstance(it.type, type) and is_dataclass(it.type)
        for name in names_in_json(it.type).values()
    }
    required = [names[name] for name, default in defaults.items() if default == (MISSING, MISSING)]
    renamed: dict[str, Any] = {field: override(rename=name) for field, name in names.items()}
    from_dict: Callable[[Any, Any], object] = make_dict_structure_fn(of_type, _converter, **renamed)

    def structure_object(value: object, _: object) -> object:
        known = [*names.values()]
        for name in _dict(value):
            if name not in known:
                raise ConfigError(f"no such field; {_suggestion(name, known, nested)}", path=f".{name}")
        return from_dict(dict.fromkeys(required) | _dict(value), of_type)

    return structure_object


def _mapping(value: object, of_type: object) -> object:
    return _structure(_dict(value), GenericAlias(dict, get_args(of_type)))


def _dict(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise must_be("an object", value)
    return value


def _collection(value: object, of_type: object) -> object:
    if not isinstance(value, list):
        raise must_be("a list", value)
    return _origin(of_type)(_structure(value, GenericAlias(list, get_args(of_type)[0])))


def _checked(value: object, annotated: object) -> object:
    for check in _checks(annotated):
        if not check.holds(value):
            raise must_be(check.expected, value)
    return _structure(value, get_args(annotated)[0])


def _checks(annotated: object) -> list[Check]:
    return [each for each in getattr(annotated, "__metadata__", ()) if isinstance(each, Check)]


def _choice(value: object, choices: type[StrEnum]) -> StrEnum:
    for choice in choices:
        if choice == value:
            return choice
    raise must_be(f"one of {', '.join(choices)}", value)


def names_in_json(of_type: type) -> dict[str, str]:
    """The names in JSON, by those of the dataclass."""
    return {field.name: _camel_case(field.name) for field in fields(of_type)}


def _suggestion(name: str, known: list[str], nested: Mapping[str, str]) -> str:
    """`nested` has the names of the fields of objects in this one, by their paths."""
    inside = [path for path, field in nested.items() if field == name]
    close = inside or get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"


def _camel_case(snake_case: str) -> str:
    first, *others = snake_case.split("_")
    return first + "".join(word.capitalize() for word in others)


_converter.register_structure_hook_factory(is_dataclass, _object)
_converter.register_structure_hook_func(lambda a_type: _origin(a_type) is Mapping, _mapping)
_converter.register_structure_hook_func(lambda a_type: _origin(a_type) in {tuple, frozenset}, _collection)
_converter.register_structure_hook_func(lambda a_type: bool(_checks(a_type)), _checked)
_converter.register_structure_hook(StrEnum, _choice)
