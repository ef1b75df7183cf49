"""Values: what a property may hold, when two are the same, and which one wins a tie.

Admission takes Python objects in, `plain` gives them back, and one total order, the tie rule of
GUN extended to every kind, decides between two values of equal stamp. Spec: chapter VAL.
"""

from typing import Final

from loomweave.core.encoding import encode
from loomweave.core.errors import Refusal, UsageError
from loomweave.core.kinds import (
    INT_MAX,
    INT_MIN,
    Link,
    Rank,
    Scalar,
    Value,
    ValueMap,
    is_same,
    kind_rank,
    plain,
    utf16,
)
from loomweave.core.lexical import lexical_text
from loomweave.core.trees import Fault, Limits, admit, to_tree

__all__ = [
    "INT_MAX",
    "INT_MIN",
    "VALUE_BYTES_MAX",
    "VALUE_DEPTH_MAX",
    "InvalidValue",
    "Link",
    "Rank",
    "Scalar",
    "Value",
    "ValueMap",
    "check",
    "from_tree",
    "is_same",
    "kind_rank",
    "lexical_text",
    "normalise",
    "order_key",
    "plain",
    "to_tree",
    "utf16",
    "value_lt",
]

VALUE_DEPTH_MAX: Final = 32
"""How many lists and maps may stand inside each other. Spec: VAL-9."""
VALUE_BYTES_MAX: Final = 1 << 20
"""Longest canonical form of a value: 1 MiB. Spec: VAL-10."""

_VALUE: Final = Limits(VALUE_DEPTH_MAX, VALUE_BYTES_MAX, is_tree=False)
_TREE: Final = Limits(VALUE_DEPTH_MAX, VALUE_BYTES_MAX, is_tree=True)


class InvalidValue(UsageError):
    """A caller passed an object that is not a value. Spec: VAL-1.

    `subject` and `path` say where in the object, such as `value["tags"][3]`.
    """

    @property
    def path(self) -> str:
        """Return where in the object the culprit is."""
        return self.subject


def normalise(raw: object) -> Value:
    """Turn a Python object into the value it stands for, or raise InvalidValue. Spec: VAL-1."""
    try:
        return admit(raw, _VALUE)
    except Fault as fault:
        raise InvalidValue(fault.rule, fault.path(), fault.reason) from None


def check(raw: object) -> Value | Refusal:
    """Do what `normalise` does for a peer's data: refuse, never raise. Spec: VAL-1."""
    return _admitted(raw, _VALUE)


def from_tree(tree: object) -> Value | Refusal:
    """Read a value back from the tree that `to_tree` wrote, or refuse. Spec: ENC-4."""
    return _admitted(tree, _TREE)


def order_key(value: Value) -> tuple[bytes, int, bytes]:
    """Return the triple by which values are ordered: L, kind rank, canonical bytes.

    Equal triples mean the same value. Spec: VAL-17.
    """
    return utf16(lexical_text(value)), kind_rank(value), encode(value)


def value_lt(a: Value, b: Value) -> bool:
    """Tell whether `a` loses a tie against `b`: whether its order key is less. Spec: VAL-17."""
    text_a, text_b = lexical_text(a), lexical_text(b)
    if text_a != text_b:
        return utf16(text_a) < utf16(text_b)
    if kind_rank(a) != kind_rank(b):
        return kind_rank(a) < kind_rank(b)
    return encode(a) < encode(b)


def _admitted(raw: object, limits: Limits) -> Value | Refusal:
    try:
        return admit(raw, limits)
    except Fault as fault:
        return Refusal(fault.rule, fault.reason, fault.path())
