"""The encoding: canonical bytes, strict reading, identities. Spec: chapter ENC."""

import json
import struct
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loomweave.core.encoding import (
    DEPTH_MAX,
    ENCODED_BYTES_MAX,
    ID_BYTES,
    content_id,
    decode,
    encode,
    hash_bytes,
    hash_int,
)
from loomweave.core.errors import Refusal
from loomweave.core.values import (
    VALUE_BYTES_MAX,
    VALUE_DEPTH_MAX,
    Link,
    Value,
    ValueMap,
    from_tree,
    is_same,
    normalise,
    to_tree,
)
from loomweave.laws import encoding as laws
from tests.strategies import close_values, values

VECTORS = Path(__file__).parents[2] / "spec" / "vectors" / "values"


def naive_head(major: int, argument: int) -> bytes:
    for size, info in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if argument < 24:
            return bytes([major << 5 | argument])
        if argument < 1 << 8 * size:
            return bytes([major << 5 | info]) + argument.to_bytes(size, "big")
    raise AssertionError(argument)


def naive_float(number: float) -> bytes:
    """The shortest of three forms, by the bits of the double and not by trying."""
    bits: int = struct.unpack(">Q", struct.pack(">d", number))[0]
    sign, exponent, fraction = bits >> 63, (bits >> 52 & 0x7FF) - 1023, bits & (1 << 52) - 1
    if number == 0:
        return b"\xf9\x00\x00"
    zeros = (fraction & -fraction).bit_length() - 1 if fraction else 52
    if -14 <= exponent <= 15 and zeros >= 42:
        return b"\xf9" + (sign << 15 | exponent + 15 << 10 | fraction >> 42).to_bytes(2, "big")
    if -24 <= exponent < -14 and zeros >= 28 - exponent:
        subnormal = (fraction | 1 << 52) >> 28 - exponent
        return b"\xf9" + (sign << 15 | subnormal).to_bytes(2, "big")
    if -126 <= exponent <= 127 and zeros >= 29:
        single = sign << 31 | exponent + 127 << 23 | fraction >> 29
        return b"\xfa" + single.to_bytes(4, "big")
    if -149 <= exponent < -126 and zeros >= -97 - exponent:
        subnormal = (fraction | 1 << 52) >> -97 - exponent
        return b"\xfa" + (sign << 31 | subnormal).to_bytes(4, "big")
    return b"\xfb" + bits.to_bytes(8, "big")


def naive_encode(value: Value) -> bytes:
    """A dumb twin of the encoder, written from RFC 8949 without a library."""
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return naive_head(0, value) if value >= 0 else naive_head(1, -1 - value)
        case float():
            return naive_float(value)
        case bytes():
            return naive_head(2, len(value)) + value
        case str() if any(0xD800 <= ord(char) <= 0xDFFF for char in value):
            units = value.encode("utf-16-be", "surrogatepass")
            return b"\xa1\x66$utf16" + naive_encode(units)
        case str():
            return naive_head(3, len(value.encode())) + value.encode()
        case Link(target):
            return b"\xa1\x61#" + naive_encode(target)
        case tuple():
            return naive_head(4, len(value)) + b"".join(map(naive_encode, value))
        case ValueMap(items):
            pairs = sorted((naive_encode(key), naive_encode(member)) for key, member in items)
            return naive_head(5, len(pairs)) + b"".join(key + member for key, member in pairs)


@given(values())
def test_round_trip(value: Value) -> None:
    assert laws.encoding_comes_back(value)
    assert laws.tree_comes_back(value)
    assert laws.size_is_exact(value)


@given(values())
@example(65504.0)
@example(65536.0)
@example(2.0**-24)
@example(2.0**-25)
@example(1.5 * 2.0**-24)
@example(2.0**-149)
@example(2.0**-150)
@example(2.0**128)
@example(ValueMap.of({"b" * 24: 1, "a" * 23: 2, "c": 3, "\U00010000": 4, "\uffff": 5}))
def test_the_dumb_twin_agrees(value: Value) -> None:
    """ENC-1, ENC-2, ENC-3: the same bytes as by hand."""
    assert encode(value) == naive_encode(value)


@given(
    st.floats(allow_nan=False, allow_infinity=False, width=16) | st.floats(width=32) | st.floats()
)
def test_floats_are_shortest(number: float) -> None:
    """ENC-2: of all widths, near the ends of each."""
    if number - number == 0.0:
        assert encode(number + 0.0) == naive_encode(number + 0.0)


@given(close_values() | values(), close_values() | values())
def test_injective(a: Value, b: Value) -> None:
    assert laws.encoding_is_injective(a, b)
    assert laws.identity_is_of_the_bytes(a, b)


@given(st.binary(max_size=24))
def test_garbage_is_refused(data: bytes) -> None:
    assert laws.reading_is_strict(data)
    assert laws.departure_is_found(data)


@given(values(), st.data())
def test_mutants_are_refused(value: Value, data: st.DataObject) -> None:
    """ENC-6, ENC-7: change, drop or insert a byte of canonical bytes anywhere."""
    whole = encode(value)
    place = data.draw(st.integers(0, len(whole) - 1), label="place")
    byte = data.draw(st.binary(min_size=1, max_size=1), label="byte")
    for mutant in (
        whole[:place] + byte + whole[place + 1 :],
        whole[:place] + whole[place + 1 :],
        whole[:place] + byte + whole[place:],
    ):
        assert laws.reading_is_strict(mutant)
        assert laws.departure_is_found(mutant)


@given(values())
def test_truncation_is_refused_at_each_byte(value: Value) -> None:
    """ENC-6: no proper beginning of canonical bytes is canonical."""
    whole = encode(value)
    for end in range(len(whole)):
        refusal = decode(whole[:end])
        assert isinstance(refusal, Refusal)
        assert refusal.rule == "ENC-6"
        assert laws.departure_is_found(whole[:end])


def test_vectors_of_refusals() -> None:
    """ENC-6, ENC-7: every kind of fault, with rule and offset."""
    lines = (VECTORS / "refused.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 50
    for line in map(json.loads, lines):
        refusal = decode(bytes.fromhex(line["cbor"]))
        assert isinstance(refusal, Refusal), line
        assert (refusal.rule, refusal.subject) == (line["rule"], f"byte {line['offset']}"), line
        assert refusal.reason
        assert refusal.retry_at_ns is None


def test_vectors_of_identities() -> None:
    """ENC-5, ENC-9: bytes and identities of the shipped vectors are fixed for ever."""
    for line in (VECTORS / "order.jsonl").read_text(encoding="utf-8").splitlines():
        vector = json.loads(line)
        value = decode(bytes.fromhex(vector["cbor"]))
        assert not isinstance(value, Refusal)
        assert encode(value).hex() == vector["cbor"]
        assert content_id(value).hex() == vector["content_id"]


@pytest.mark.parametrize("tag", [*range(400), 1004, 1005, 43000, 55799, 65536, 2**32])
def test_tags_are_refused(tag: int) -> None:
    """ENC-6: none is followed, whatever it would mean."""
    for inner in ("00", "80", "6161", "4101", "820102"):
        refusal = decode(naive_head(6, tag) + bytes.fromhex(inner))
        assert refusal == Refusal("ENC-6", f"tag {tag} is not used", "byte 0")


def test_depth() -> None:
    """ENC-8: reading follows DEPTH_MAX levels, more than any value has."""
    assert not isinstance(decode(b"\x81" * DEPTH_MAX + b"\x00"), Refusal)
    assert not isinstance(decode(b"\xa1\x61a" * DEPTH_MAX + b"\x00"), Refusal)
    too_deep = decode(b"\x81" * (DEPTH_MAX + 1) + b"\x00")
    reason = f"nested deeper than {DEPTH_MAX}"
    assert too_deep == Refusal("ENC-8", reason, f"byte {DEPTH_MAX}")
    assert isinstance(decode(b"\x81" * 100_000), Refusal)
    assert isinstance(decode(b"\xa1\x61#" * 100_000), Refusal)
    deepest: Value = Link("\ud800")
    for _ in range(VALUE_DEPTH_MAX):
        deepest = (deepest,)
    assert is_same(normalise(deepest), deepest)
    assert laws.encoding_comes_back(deepest)
    assert laws.tree_comes_back(deepest)
    assert laws.departure_is_found(b"\x81" * 99)


def test_size() -> None:
    """ENC-8: longer input is refused unread; records that hold a value have room around it."""
    assert ENCODED_BYTES_MAX > VALUE_BYTES_MAX
    refusal = decode(b"\x00" * (ENCODED_BYTES_MAX + 1))
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.subject) == ("ENC-8", f"byte {ENCODED_BYTES_MAX}")
    largest = "x" * (ENCODED_BYTES_MAX - 5)
    assert len(encode(largest)) == ENCODED_BYTES_MAX
    assert decode(encode(largest)) == largest


def test_a_length_that_lies_costs_nothing() -> None:
    """ENC-6: a head may promise 2^63 bytes or members; nothing is set aside for them."""
    for major in (2, 3, 4, 5):
        head = naive_head(major, 2**63)
        assert isinstance(decode(head), Refusal)
        assert laws.departure_is_found(head)


def test_trees_carry_what_codecs_cannot() -> None:
    """ENC-4: links and texts with lone surrogates have reserved forms, refused when malformed."""
    assert to_tree(Link("a")) == {"#": "a"}
    assert to_tree("\ud800") == {"$utf16": b"\xd8\x00"}
    assert to_tree(Link("\ud800")) == {"#": {"$utf16": b"\xd8\x00"}}
    assert to_tree((1, ValueMap.of({"a": b"b"}))) == [1, {"a": b"b"}]
    malformed: list[object] = [
        {"$utf16": b"a"},
        {"$utf16": "a"},
        {"$utf16": None},
        {"#": {"$utf16": b""}},
    ]
    malformed += [{"#": {"a": "b"}}, {"#": {"#": "b"}}, {"$other": b""}, {"#": []}, {1: 2}, {1}]
    for tree in malformed:
        assert isinstance(from_tree(tree), Refusal), tree
    with pytest.raises(AssertionError, match="set is not a value"):
        to_tree({1})  # type: ignore[arg-type]


@given(st.lists(st.binary(max_size=3), min_size=1), st.lists(st.binary(max_size=3), min_size=1))
def test_hashes_are_apart(a: list[bytes], b: list[bytes]) -> None:
    assert laws.hashes_are_apart(a, b)
    assert laws.hashes_are_apart(a, [*a[:-1], a[-1][:1], a[-1][1:]])


def test_hashes() -> None:
    """ENC-9, ENC-10: 32 bytes, fixed for ever; a domain is not just one more part."""
    assert len(content_id(None)) == len(hash_bytes(b"")) == ID_BYTES
    assert hash_int(b"d", b"x") == int.from_bytes(hash_bytes(b"d", b"x"), "big")
    assert hash_bytes(b"a", b"b") != hash_bytes(b"a", b"b", b"") != hash_bytes(b"ab")
    assert hash_bytes(b"loomweave", b"part").hex() == PINNED


PINNED = "7db506c82bd33a1662c0727b4a760b2bf5c4471cea6849fa5071a3987792f19e"
