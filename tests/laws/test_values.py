"""Values: admission, sameness, L and the order. Spec: chapter VAL."""

import json
from collections import OrderedDict, namedtuple
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loomweave.core.encoding import decode
from loomweave.core.errors import Refusal
from loomweave.core.values import (
    INT_MAX,
    INT_MIN,
    VALUE_BYTES_MAX,
    VALUE_DEPTH_MAX,
    InvalidValue,
    Link,
    Rank,
    Value,
    ValueMap,
    check,
    is_same,
    kind_rank,
    lexical_text,
    normalise,
    order_key,
    plain,
    utf16,
    value_lt,
)
from loomweave.laws import values as laws
from tests.strategies import close_values, floats, texts, values

ORDER = Path(__file__).parents[2] / "spec" / "vectors" / "values" / "order.jsonl"


class Colour(IntEnum):
    RED = 1


class Name(StrEnum):
    RED = "red"


class Shade(float):
    pass


Point = namedtuple("Point", "x y")


def nested(depth: int) -> object:
    raw: object = 1
    for _ in range(depth):
        raw = [raw]
    return raw


def refused(raw: object) -> tuple[str, str]:
    """Rule and path by which both twins of admission refuse an object."""
    with pytest.raises(InvalidValue) as caught:
        normalise(raw)
    error = caught.value
    assert check(raw) == Refusal(error.rule, error.reason, error.path)
    assert error.reason
    assert str(error).endswith(f"[{error.rule}]")
    return error.rule, error.path


@given(values())
def test_admission_changes_no_value(value: Value) -> None:
    assert laws.admission_changes_no_value(value)


@given(values())
def test_plain_comes_back(value: Value) -> None:
    assert laws.plain_comes_back(value)


@given(close_values() | values(), close_values() | values())
def test_order_of_two(a: Value, b: Value) -> None:
    assert laws.sameness_is_symmetric(a, b)
    assert laws.order_key_is_injective(a, b)
    assert laws.order_is_total(a, b)
    assert laws.order_is_by_the_key(a, b)
    assert laws.text_decides_first(a, b)


@given(close_values() | values(), close_values(), close_values() | values())
def test_order_of_three(a: Value, b: Value, c: Value) -> None:
    assert laws.order_is_transitive(a, b, c)


def test_sameness_is_typed() -> None:
    """VAL-11: Python's `==` takes these for equal; sameness does not."""
    ones: list[Value] = [1, 1.0, True, (1,), (1.0,), (True,)]
    ones += [ValueMap.of({"a": one}) for one in (1, 1.0, True)]
    for place, one in enumerate(ones):
        assert [is_same(one, other) for other in ones].index(True) == place
        assert sum(is_same(one, other) for other in ones) == 1
    assert not is_same((1,), (1, 1))
    assert not is_same(ValueMap.of({"a": 1}), ValueMap.of({"b": 1}))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_only_finite_floats(number: float) -> None:
    """VAL-4: what is not a finite number is refused, at any depth."""
    assert refused(number) == ("VAL-4", "value")
    assert refused([{"a": number}]) == ("VAL-4", "value[0]['a']")


def test_zero_has_no_sign() -> None:
    """VAL-4: negative zero becomes zero."""
    for raw in (-0.0, [-0.0], {"a": -0.0}):
        assert "-" not in repr(normalise(raw))
    assert is_same(normalise(-0.0), 0.0)
    assert not is_same(normalise(-0.0), 0)


def test_integers_have_64_bits() -> None:
    """VAL-3: the range holds both signed and unsigned numbers of 64 bits."""
    assert normalise(INT_MIN) == -(2**63)
    assert normalise(INT_MAX) == 2**64 - 1
    assert refused(INT_MIN - 1) == refused(INT_MAX + 1) == ("VAL-3", "value")


@pytest.mark.parametrize(
    "raw",
    [
        Colour.RED, Name.RED, Shade(1.0), OrderedDict(), Point(1, 2), {1}, frozenset(), bytearray(),
        memoryview(b""), Decimal(1), 1j, date(2026, 1, 1), object(), int, ...,
    ],
    ids=repr,
)  # fmt: skip
def test_kinds_are_exact(raw: object) -> None:
    """VAL-2: nothing is taken for its base, since it would not come back as itself."""
    assert refused(raw) == ("VAL-2", "value")
    assert refused({"a": [0, raw]}) == ("VAL-2", "value['a'][1]")


def test_a_refusal_says_what_to_do() -> None:
    """VAL-2: the sentence names the kind and a way out."""
    with pytest.raises(InvalidValue, match=r"Colour is a kind of int .* pass int\(value\)"):
        normalise(Colour.RED)
    with pytest.raises(InvalidValue, match="set is not a kind of value; sort it into a list"):
        normalise({1})


def test_surrogate_pairs_are_joined() -> None:
    """VAL-5: a text is its UTF-16 units, however Python holds them."""
    assert normalise("\ud83d\ude00") == "\U0001f600"
    assert normalise("\ud83d") == "\ud83d"
    assert normalise("\ude00\ud83d") == "\ude00\ud83d"
    assert normalise(["\ud83d\ude00"]) == ("\U0001f600",)
    assert normalise({"\ud83d\ude00": 1}) == ValueMap.of({"\U0001f600": 1})
    assert normalise(Link("\ud83d\ude00")) == Link("\U0001f600")


@given(st.text(st.characters()))
def test_units_are_kept(text: str) -> None:
    admitted = normalise(text)
    assert isinstance(admitted, str)
    assert utf16(admitted) == utf16(text)


def test_links() -> None:
    """VAL-6: a link is written as such or as GUN does; its target is a text that is not empty."""
    assert normalise({"#": "a"}) == normalise(Link("a")) == Link("a")
    for raw in ({"#": ""}, {"#": 1}, {"#": None}, {"#": Name.RED}, {"#": {"a": 1}}, Link("")):
        assert refused(raw) == ("VAL-6", "value")


def test_map_keys() -> None:
    """VAL-7: keys are texts that UTF-8 can carry, sorted by UTF-16 units."""
    made = normalise({"\uffff": 1, "\U00010000": 2, "b": 3, "": 4})
    assert isinstance(made, ValueMap)
    assert list(made) == ["", "b", "\U00010000", "\uffff"]
    assert [made.get(key) for key in made] == [4, 3, 2, 1]
    assert made.get("c") is None
    assert made.get("c", 5) == 5
    assert "b" in made
    assert "c" not in made
    assert len(made) == 4
    assert hash(made) == hash(normalise(plain(made)))
    lonely = [
        {1: 2},
        {None: 1, "a": 2},
        {Name.RED: 1},
        {b"a": 1},
        {"\ud800": 1},
        {"a": 1, "\udc00": 1},
    ]
    for raw in lonely:
        assert refused(raw) == ("VAL-7", "value")
    assert refused(ValueMap((("a", 1), ("a", 2)))) == ("VAL-7", "value")
    assert refused({"\ud83d\ude00": 1, "\U0001f600": 2}) == ("VAL-7", "value")
    assert refused({Name("red"): 1, "red2": 2}) == ("VAL-7", "value")


def test_reserved_maps() -> None:
    """VAL-8: one reserved key alone is refused; beside another key it is an ordinary one."""
    for key in ("$", "$a", "$bytes", "$utf16"):
        assert refused({key: b""}) == ("VAL-8", "value")
        assert isinstance(normalise({key: b"", "a": 1}), ValueMap)
    assert isinstance(normalise({"#": 1, "a": 1}), ValueMap)
    assert isinstance(normalise({"#a": 1}), ValueMap)
    assert isinstance(normalise({}), ValueMap)


def test_depth() -> None:
    """VAL-9: nesting ends at the limit, also for lists that hold themselves."""
    normalise(nested(VALUE_DEPTH_MAX))
    assert refused(nested(VALUE_DEPTH_MAX + 1)) == ("VAL-9", "value" + "[0]" * VALUE_DEPTH_MAX)
    knot: list[object] = []
    knot.append(knot)
    assert refused(knot)[0] == "VAL-9"


def test_size() -> None:
    """VAL-10: the canonical form is at most 1 MiB long, head included."""
    head = 5
    normalise("x" * (VALUE_BYTES_MAX - head))
    normalise(b"x" * (VALUE_BYTES_MAX - head))
    assert refused("x" * (VALUE_BYTES_MAX - head + 1)) == ("VAL-10", "value")
    assert refused(b"x" * (VALUE_BYTES_MAX - head + 1)) == ("VAL-10", "value")
    assert refused("\u20ac" * (VALUE_BYTES_MAX // 3 + 1)) == ("VAL-10", "value")
    assert refused("\ud800" * (VALUE_BYTES_MAX // 2)) == ("VAL-10", "value")
    assert refused(["x" * 1000] * 1100)[0] == "VAL-10"


def test_size_ends_the_walk() -> None:
    """VAL-10: a small object that stands for 2^30 members is refused at once."""
    bomb: list[object] = []
    for _ in range(30):
        bomb = [bomb, bomb]
    refusal = check(bomb)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "VAL-10"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (100.0, "100"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e20, "100000000000000000000"), (1e21, "1e+21"), (1.5e21, "1.5e+21"), (1e-6, "0.000001"),
        (1.5e-6, "0.0000015"), (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (5e-324, "5e-324"),
        (-1e22, "-1e+22"),
        (1.7976931348623157e308, "1.7976931348623157e+308"), (123456789.5, "123456789.5"),
        (2.0**53, "9007199254740992"), (999999999999999900000.0, "999999999999999900000"),
    ],
)  # fmt: skip
def test_text_of_floats(number: float, text: str) -> None:
    """VAL-13: as ECMAScript writes numbers."""
    assert lexical_text(number) == text


@given(floats())
def test_text_of_floats_reads_back(number: float) -> None:
    """VAL-13: the text is exact, and laid out as its magnitude asks."""
    text = lexical_text(number)
    assert float(text) == number
    assert ("e" in text) == (number != 0 and not 1e-6 <= abs(number) < 1e21)
    assert len(text.lstrip("-").replace(".", "").strip("0").partition("e")[0]) <= 17
    assert not text.endswith(".0")


@given(st.integers(INT_MIN, INT_MAX))
def test_text_of_integers(number: int) -> None:
    """VAL-12: exact digits, also above 2^53."""
    assert lexical_text(number) == str(number)


@given(texts())
def test_text_of_texts(text: str) -> None:
    """VAL-14: a JSON text that reads back, with nothing escaped but what must be."""
    written = lexical_text(text)
    assert json.loads(written) == text
    assert not any("\ud800" <= char <= "\udfff" for char in written)
    lonely = sum("\ud800" <= char <= "\udfff" for char in text)
    controls = sum(char < " " and char not in "\b\f\n\r\t" for char in text)
    shorts = sum(char in '"\\\b\f\n\r\t' for char in text)
    assert len(written) == len(text) + 2 + 5 * (lonely + controls) + shorts


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, "null"), (True, "true"), (False, "false"), ("a", '"a"'),
        ("\x7f\u2028", '"\x7f\u2028"'),
        ("\x1f\b\"\\/", '"\\u001f\\b\\"\\\\/"'), ("\ud800", '"\\ud800"'), ("\udfffa", '"\\udfffa"'),
        (b"", '{"$bytes":""}'), (b"\xfb\xff", '{"$bytes":"-_8"}'), (Link('a"'), '{"#":"a\\""}'),
        ([], "[]"), ([1, 1.0, [None]], "[1,1,[null]]"), ({}, "{}"),
        ({"\uffff": 1, "\U00010000": "b"}, '{"\U00010000":"b","\uffff":1}'),
    ],
)  # fmt: skip
def test_text_of_the_rest(raw: object, text: str) -> None:
    """VAL-12, VAL-14, VAL-15: as JSON.stringify writes them."""
    assert lexical_text(normalise(raw)) == text


def test_kind_ranks() -> None:
    """VAL-16: the ranks are fixed numbers, with room behind them for temporals."""
    kinds: list[Value] = [None, False, True, 1, 1.0, "", b"", Link("a"), (), ValueMap()]
    assert [kind_rank(value) for value in kinds] == list(range(10)) == [int(rank) for rank in Rank]


def test_equal_texts_are_decided_by_kind() -> None:
    """VAL-16, VAL-17: where L is the same, the kind decides, and then the bytes."""
    assert lexical_text(1) == lexical_text(1.0)
    assert value_lt(1, 1.0)
    assert value_lt((1,), (1.0,))
    assert not value_lt((1.0,), (1,))


@pytest.mark.parametrize(
    "ascending",
    [
        ["a!", "a", "b"],
        ["text", -1, 1, False, None, True, Link("a")],
        [10, 2, 9],
        [-1, 1],
        ["\U00010000", "\ue000", "\uffff"],
        [1e21, 2],
    ],
)
def test_ties_as_gun_decides_them(ascending: list[Value]) -> None:
    """VAL-12: texts compare as quoted JSON, numbers as text, units and not code points."""
    for place, value in enumerate(ascending):
        assert [value_lt(value, other) for other in ascending] == [
            place < other for other in range(len(ascending))
        ]


def test_vectors_of_the_order() -> None:
    """VAL-12, VAL-17: the shipped vectors, in ascending order."""
    lines = [json.loads(line) for line in ORDER.read_text(encoding="utf-8").splitlines()]
    read: list[Value] = []
    for line in lines:
        value = decode(bytes.fromhex(line["cbor"]))
        assert not isinstance(value, Refusal)
        assert lexical_text(value) == line["text"]
        assert Rank(kind_rank(value)).name.lower() == line["kind"]
        read.append(value)
    assert len(read) >= 100
    assert {line["kind"] for line in lines} == {rank.name.lower() for rank in Rank}
    for earlier, later in pairwise(read):
        assert value_lt(earlier, later)
        assert order_key(earlier) < order_key(later)
