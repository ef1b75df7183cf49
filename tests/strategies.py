"""Shared Hypothesis strategies: one for each noun of the core."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from loomweave.core.values import INT_MAX, INT_MIN, Link, Scalar, Value, ValueMap, normalise

# Where the tie order, JSON escapes and encodings of text turn: lone surrogates, the last unit
# below and the first above them, both ends of the astral planes, what JSON escapes and what not.
TURNING_UNITS = (
    '\x00\x08\t\n\x1f !"\\#$/a\x7f\x80\u07ff\u0800\u2028\u2029\ud7ff\ud800\udbff\udc00\udfff'
    "\ue000\ufffd\uffff\U00010000\U0001f600\U0010ffff"
)

# Where integers and floats change their form: heads of CBOR, doubles, ECMAScript's exponents.
TURNING_INTS = [
    sign * (1 << power) + step
    for power in (0, 8, 16, 32, 53, 63)
    for step in (-1, 0, 1)
    for sign in (1, -1)
]
TURNING_FLOATS = [
    0.0,
    1.0,
    1e-6,
    1e-7,
    9.5e-7,
    1e20,
    1e21,
    5e-324,
    0.1 + 0.2,
    65504.0,
    65505.0,
    6e-8,
]
TURNING_FLOATS += [
    2.0**53,
    2.0**63,
    2.0**64,
    1.7976931348623157e308,
    3.4028234663852886e38,
    1.5,
    100.0,
]


def texts(max_size: int = 8) -> SearchStrategy[str]:
    """Texts of every kind of character, lone surrogates, astral ones and NUL included."""
    any_character = st.one_of(st.sampled_from(TURNING_UNITS), st.characters())
    return st.text(any_character, max_size=max_size).map(_as_text)


def names(max_size: int = 8) -> SearchStrategy[str]:
    """Texts that UTF-8 can carry and that are not empty: ids, keys, field names but for NUL."""
    no_surrogate = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    return st.text(no_surrogate, min_size=1, max_size=max_size)


def integers() -> SearchStrategy[int]:
    """Integers of all lengths."""
    turning = [number for number in TURNING_INTS if INT_MIN <= number <= INT_MAX]
    return st.one_of(st.integers(-30, 300), st.sampled_from(turning), st.integers(INT_MIN, INT_MAX))


def floats() -> SearchStrategy[float]:
    """Finite floats of all widths, never negative zero."""
    widths = [st.floats(allow_nan=False, allow_infinity=False, width=w) for w in (16, 32, 64)]
    whole = st.integers(-1000, 1000).map(float)
    turning = st.sampled_from([*TURNING_FLOATS, *(-number for number in TURNING_FLOATS)])
    return st.one_of(turning, whole, *widths).map(lambda number: number + 0.0)


def links() -> SearchStrategy[Link]:
    """Links to any id."""
    return texts().filter(bool).map(Link)


def scalars() -> SearchStrategy[Scalar]:
    """Values without parts."""
    bare = st.sampled_from([None, False, True])
    return st.one_of(bare, integers(), floats(), texts(), st.binary(max_size=8), links())


def value_maps(members: SearchStrategy[Value]) -> SearchStrategy[ValueMap]:
    """Maps of the given members, keys of every legal kind."""
    keys = st.one_of(st.sampled_from(["#", "$a", "$utf16", "a", "\uffff", "\U00010000"]), names(4))
    made = st.dictionaries(keys, members, max_size=4)
    return made.filter(lambda pairs: not _is_reserved(pairs)).map(ValueMap.of)


def values(max_leaves: int = 8) -> SearchStrategy[Value]:
    """Values of every kind, nested."""
    return st.recursive(
        scalars(),
        lambda inner: st.one_of(st.lists(inner, max_size=4).map(tuple), value_maps(inner)),
        max_leaves=max_leaves,
    )


def close_values() -> SearchStrategy[Value]:
    """Few values that are easily taken for each other: for laws over two or three values."""
    leaves: list[Value] = [None, False, True, 0, 1, 0.0, 1.0, -1, 2, 9, 10, 2**53, 2.0**53]
    leaves += ["", "1", "null", "a", "a!", "b", "\ud800", "\\ud800", "\uffff", "\U00010000"]
    leaves += [b"", b"a", Link("a"), Link("1"), (), (1,), (1.0,), (True,), ValueMap()]
    leaves += [ValueMap.of({"a": 1}), ValueMap.of({"a": 1.0}), ValueMap.of({"a": (1,), "b": None})]
    return st.sampled_from(leaves)


def _as_text(text: str) -> str:
    admitted = normalise(text)
    assert isinstance(admitted, str)
    return admitted


def _is_reserved(pairs: dict[str, Value]) -> bool:
    return len(pairs) == 1 and all(key == "#" or key.startswith("$") for key in pairs)
