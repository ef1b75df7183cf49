"""What values promise, written once. Spec: chapter VAL.

Each law is a predicate over arbitrary values; the order laws are what the proofs of HAM assume.
"""

from loomweave.core.values import (
    Value,
    is_same,
    lexical_text,
    normalise,
    order_key,
    plain,
    utf16,
    value_lt,
)


def admission_changes_no_value(value: Value) -> bool:
    """VAL-1: what is a value already is admitted as it is. Spec: VAL-1."""
    return is_same(normalise(value), value)


def plain_comes_back(value: Value) -> bool:
    """VAL-18: what `plain` gives is admitted as the same value. Spec: VAL-18."""
    return is_same(normalise(plain(value)), value)


def sameness_is_symmetric(a: Value, b: Value) -> bool:
    """VAL-11: a value is the same as itself, and sameness has no direction. Spec: VAL-11."""
    return is_same(a, a) and is_same(a, b) == is_same(b, a)


def order_key_is_injective(a: Value, b: Value) -> bool:
    """VAL-17: equal order keys mean the same value, and the other way. Spec: VAL-11, VAL-17."""
    return (order_key(a) == order_key(b)) == is_same(a, b)


def order_is_total(a: Value, b: Value) -> bool:
    """VAL-17: of less, same and greater, exactly one holds. Spec: VAL-17."""
    return [value_lt(a, b), is_same(a, b), value_lt(b, a)].count(True) == 1


def order_is_transitive(a: Value, b: Value, c: Value) -> bool:
    """VAL-17: below what is below is below. Spec: VAL-17."""
    return not (value_lt(a, b) and value_lt(b, c)) or value_lt(a, c)


def order_is_by_the_key(a: Value, b: Value) -> bool:
    """VAL-17: the short way of comparing agrees with the triple. Spec: VAL-17."""
    return value_lt(a, b) == (order_key(a) < order_key(b))


def text_decides_first(a: Value, b: Value) -> bool:
    """VAL-12: where L differs, L alone decides, as GUN has it. Spec: VAL-12."""
    text_a, text_b = utf16(lexical_text(a)), utf16(lexical_text(b))
    return text_a == text_b or value_lt(a, b) == (text_a < text_b)
