"""What is outside the subset is refused by file, line and the construct's name. PRF-2."""

from collections.abc import Callable, Mapping

import msgspec
import pytest

from loomweave_proofs.lift import Lifter, Theory, Unliftable
from loomweave_proofs.opaques import BYTES, TEXT
from loomweave_proofs.sorts import opaque
from loomweave_proofs.source import Function


class Loop(msgspec.Struct, frozen=True):
    """A recursive type."""

    rest: "Loop | None"


class Secret:
    """Known by identity only, and not by Python's `==`."""


def for_loop(a: frozenset[int]) -> int:
    total = 0
    for item in a:
        total += item
    return total


def while_loop(a: int) -> int:
    while a > 0:
        a -= 1
    return a


def raising(a: int) -> int:
    if a > 0:
        raise ValueError
    return a


def trying(a: int) -> int:
    try:
        return a
    finally:
        pass


def floating(a: int) -> float:
    return a / 2


def true_division(a: int, b: int) -> int:
    return a / b  # type: ignore[return-value]


def power(a: int) -> int:
    return a**2


def lambdas(a: int) -> int:
    return (lambda x: x + a)(1)


def recursive(a: int) -> int:
    return recursive(a - 1) if a > 0 else 0


def length(a: frozenset[int]) -> int:
    return len(a)


def sorting(a: frozenset[int]) -> bool:
    return sorted(a) == []


def image(a: frozenset[int]) -> frozenset[int]:
    return frozenset(item + 1 for item in a)


def keyed(a: int, b: int) -> int:
    return max(a, b, key=abs)


def variable(*a: int) -> int:
    return 0


def untyped(a) -> int:  # type: ignore[no-untyped-def]
    return 0


def open_tuple(a: tuple[int, ...]) -> int:
    return 0


def recursive_type(a: Loop) -> int:
    return 0


def truth_of_option(a: int | None) -> bool:
    return bool(a)


def bool_as_number(a: bool) -> int:
    return a + 1


def mixed(a: int, b: str) -> bool:
    return a == b  # type: ignore[comparison-overlap]


def mutation(a: dict[int, int]) -> int:
    a[0] = 1
    return 0


def walrus(a: int) -> int:
    return (b := a) + b


def maybe_unbound(a: int) -> int:
    if a > 0:
        b = 1
    return b


def formatted(a: int) -> str:
    return f"{a}"


def sliced(a: tuple[int, int]) -> bool:
    return a[0:1] == (1,)


def blurred(a: Secret, b: Secret) -> bool:
    return a == b


def set_of_blurred(a: Secret) -> frozenset[Secret]:
    return frozenset({a})


def unknown_method(a: Mapping[int, int]) -> bool:
    return a.values() is None


def is_on_numbers(a: int, b: int) -> bool:
    return a is b


def decorated_with(function: Callable[[int], int]) -> Callable[[int], int]:
    """Wrap a function without a trace."""

    def wrapper(a: int) -> int:
        return function(a)

    return wrapper


@decorated_with
def decorated(a: int) -> int:
    return a


@pytest.mark.parametrize(
    ("function", "construct"),
    [
        (for_loop, "the statement For"),
        (while_loop, "the statement While"),
        (raising, "the statement Raise"),
        (trying, "the statement Try"),
        (floating, "the type builtins.float"),
        (true_division, "the operator Div"),
        (power, "the operator Pow"),
        (lambdas, "a call of something that is not a known name"),
        (recursive, "recursion"),
        (length, "a call of len"),
        (sorting, "a call of sorted"),
        (image, "a comprehension that changes its members"),
        (keyed, "a keyword argument of a builtin"),
        (variable, "a variable or positional-only parameter"),
        (untyped, "parameter a without a type"),
        (open_tuple, "the type tuple[int, ...]"),
        (recursive_type, "the recursive type"),
        (truth_of_option, "the truth of int | None"),
        (bool_as_number, "arithmetic on bool"),
        (mixed, "int beside str"),
        (mutation, "assignment to Subscript"),
        (walrus, "the expression NamedExpr"),
        (maybe_unbound, "the name b, which may be unbound here"),
        (formatted, "the expression JoinedStr"),
        (sliced, "an item of tuple"),
        (blurred, "`==` on Secret, which Python blurs"),
        (set_of_blurred, "a set of Secret, whose members Python blurs"),
        (unknown_method, "the method values of a map"),
        (is_on_numbers, "`is` on int"),
        (decorated, "a call of something that is not a known name"),
    ],
    ids=lambda item: getattr(item, "__name__", ""),
)
def test_construct_is_refused_by_name(function: Function, construct: str) -> None:
    theory = Theory(
        opaques=((str, TEXT), (bytes, BYTES), (Secret, opaque("Secret", comparable=False)))
    )
    with pytest.raises(Unliftable) as refusal:
        Lifter(theory).lift(function)
    first = function.__code__.co_firstlineno
    assert construct in refusal.value.construct
    assert refusal.value.file == "test_refusals.py"
    assert first <= refusal.value.line <= first + 5
    assert f"test_refusals.py:{refusal.value.line}" in str(refusal.value)


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(Unliftable, match="not a function"):
        Lifter(Theory()).lift(len)
