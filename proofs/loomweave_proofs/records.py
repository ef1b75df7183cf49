"""Record classes: their fields, their order, and whether they are more than their fields."""

import dataclasses
import types
import typing
from typing import Final

import attrs
import msgspec

MEANINGFUL: Final = (
    "__init__", "__post_init__", "__attrs_post_init__", "__eq__", "__lt__", "__le__", "__contains__"
)  # fmt: skip
"""Methods that construction and comparison call; the lifter knows what generated ones do."""


def record_fields(cls: type) -> dict[str, object] | None:
    """Return the typed fields of a record class, or None where it is no record."""
    if attrs.has(cls):
        hints = typing.get_type_hints(cls)
        return {field.name: hints[field.name] for field in attrs.fields(cls)}
    if issubclass(cls, msgspec.Struct):
        hints = typing.get_type_hints(cls)
        return {name: hints[name] for name in cls.__struct_fields__}
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        hints = typing.get_type_hints(cls)
        return {name: hints[name] for name in cls._fields}
    if dataclasses.is_dataclass(cls):
        hints = typing.get_type_hints(cls)
        return {field.name: hints[field.name] for field in dataclasses.fields(cls)}
    return None


def written_method(cls: type) -> str | None:
    """Find a method, written by hand, that makes records of a class more than their fields."""
    for name in MEANINGFUL:
        method = getattr(cls, name, None)
        if isinstance(method, types.FunctionType) and method.__code__.co_filename[0] != "<":
            return name
    return None


def is_ordered(cls: type) -> bool:
    """Tell whether records of a class compare by `<`, field by field."""
    if issubclass(cls, msgspec.Struct):
        return bool(cls.__struct_config__.order)
    if attrs.has(cls) or dataclasses.is_dataclass(cls):
        return "__lt__" in vars(cls)
    return issubclass(cls, tuple)
