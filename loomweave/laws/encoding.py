"""What the encoding promises, written once. Spec: chapter ENC."""

from collections.abc import Sequence

from loomweave.core.encoding import DEPTH_MAX, content_id, content_id_of, decode, encode, hash_bytes
from loomweave.core.errors import Refusal
from loomweave.core.heads import find_departure
from loomweave.core.trees import Fault, Limits, admit
from loomweave.core.values import Value, from_tree, is_same, to_tree


def encoding_comes_back(value: Value) -> bool:
    """ENC-5: every value is read back from its bytes. Spec: ENC-5."""
    back = decode(encode(value))
    return not isinstance(back, Refusal) and is_same(back, value)


def encoding_is_injective(a: Value, b: Value) -> bool:
    """ENC-5: two values have the same bytes only if they are the same. Spec: ENC-5."""
    return (encode(a) == encode(b)) == is_same(a, b)


def tree_comes_back(value: Value) -> bool:
    """ENC-4: every value is read back from its tree. Spec: ENC-4."""
    back = from_tree(to_tree(value))
    return not isinstance(back, Refusal) and is_same(back, value)


def reading_is_strict(data: bytes) -> bool:
    """ENC-6: bytes are refused, or they are the only bytes of what they say. Spec: ENC-6."""
    read = decode(data)
    return isinstance(read, Refusal) or encode(read) == data


def departure_is_found(data: bytes) -> bool:
    """ENC-7: what is refused has a first fault inside the bytes, and only that. Spec: ENC-7."""
    departure = find_departure(data, DEPTH_MAX)
    if departure is None:
        return not isinstance(decode(data), Refusal)
    refusal = Refusal(departure.rule, departure.reason, f"byte {departure.offset}")
    return decode(data) == refusal and 0 <= departure.offset <= len(data)


def size_is_exact(value: Value) -> bool:
    """ENC-11: admission counts the bytes of the canonical form, no more, no less. Spec: ENC-11."""
    size = len(encode(value))
    return _fits(value, size) and not _fits(value, size - 1)


def identity_is_of_the_bytes(a: Value, b: Value) -> bool:
    """ENC-9: identities are equal exactly for the same value. Spec: ENC-9."""
    is_equal = content_id(a) == content_id(b)
    return is_equal == is_same(a, b) and content_id(a) == content_id_of(encode(a))


def hashes_are_apart(a: Sequence[bytes], b: Sequence[bytes]) -> bool:
    """ENC-10: another domain, or another cut of the same bytes, is another hash. Spec: ENC-10."""
    return (hash_bytes(a[0], *a[1:]) == hash_bytes(b[0], *b[1:])) == (list(a) == list(b))


def _fits(value: Value, size: int) -> bool:
    try:
        admit(value, Limits(DEPTH_MAX, size, is_tree=False))
    except Fault as fault:
        return fault.rule != "VAL-10"
    return True
