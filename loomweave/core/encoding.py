"""Deterministic CBOR and the identities made from it. Spec: chapter ENC.

Identity only: frames and journal records have a codec of their own. Decoding is for peers' data:
it never raises, and a refusal says at which byte the canonical form was left.
"""

from collections.abc import Callable
from typing import Final, Never

from blake3 import blake3
from cbor2 import CBORDecodeError, dumps, loads

from loomweave.core.errors import Refusal
from loomweave.core.heads import find_departure
from loomweave.core.kinds import Value
from loomweave.core.trees import Fault, Limits, admit, to_tree

ENCODED_BYTES_MAX: Final = 4 << 20
"""Longest input of `decode`: 4 MiB. Spec: ENC-8."""
DEPTH_MAX: Final = 48
"""Deepest nesting that `decode` follows, reserved maps counted. Spec: ENC-8."""
ID_BYTES: Final = 32
"""Length of every identity. Spec: ENC-9."""

_WHOLE: Final = Limits(DEPTH_MAX, ENCODED_BYTES_MAX, is_tree=True)
# cbor2 would turn these tags into dates, patterns, sets, cycles; ENC-6 stops each at its head.
_TAGS: Final = (*range(6), *range(21, 64), 100, *range(256, 264), 1004, 1005, 43000, 55799)


def encode(value: Value) -> bytes:
    """Return the canonical bytes of a value. Spec: ENC-1, ENC-2, ENC-3, ENC-5.

    All keys are texts, so cbor2's older length-first order is the order of RFC 8949.
    """
    return dumps(to_tree(value), canonical=True)


def decode(data: bytes) -> Value | Refusal:
    """Read canonical bytes back, or refuse.

    Three parts, none of which suffices alone: flags against what the form forbids, a walk by exact
    type, and encoding again to compare. A refusal names the byte of the first fault.
    Spec: ENC-6, ENC-7, ENC-8.
    """
    if len(data) > ENCODED_BYTES_MAX:
        reason = f"{len(data)} bytes are more than {ENCODED_BYTES_MAX}"
        return Refusal("ENC-8", reason, f"byte {ENCODED_BYTES_MAX}")
    try:
        value = admit(_loaded(data), _WHOLE)
    except (CBORDecodeError, Fault, ValueError):
        return _refusal(data)
    return value if encode(value) == data else _refusal(data)


def content_id(value: Value) -> bytes:
    """Return the identity of a value: BLAKE3 of its canonical bytes. Spec: ENC-9."""
    return blake3(encode(value)).digest()


def content_id_of(encoded: bytes) -> bytes:
    """Return the identity of what canonical bytes say, without decoding them. Spec: ENC-9."""
    return blake3(encoded).digest()


_LENGTHS_MAX: Final = 256
_LENGTHS: Final = tuple([count.to_bytes(8, "big") for count in range(_LENGTHS_MAX)])
"""Short lengths as `hash_bytes` writes them: most parts are short."""


def hash_bytes(domain: bytes, *parts: bytes) -> bytes:
    """Hash parts for one purpose: other domains and other cuts give other hashes. Spec: ENC-10."""
    pieces = [len(domain).to_bytes(8, "big"), domain]
    for part in parts:
        count = len(part)
        pieces += (_LENGTHS[count] if count < _LENGTHS_MAX else count.to_bytes(8, "big"), part)
    return blake3(b"".join(pieces)).digest()


def hash_int(domain: bytes, *parts: bytes) -> int:
    """Hash parts to a number below 2^256, for sums. Spec: ENC-10."""
    return int.from_bytes(hash_bytes(domain, *parts), "big")


def _loaded(data: bytes) -> object:
    loaded: object = loads(
        data,
        max_depth=DEPTH_MAX,
        allow_indefinite=False,
        allow_duplicate_keys=False,
        strict_hashable_types=True,
        tag_hook=_refuse_tag,
        semantic_decoders=_REFUSED,
    )
    return loaded


def _refusal(data: bytes) -> Refusal:
    departure = find_departure(data, DEPTH_MAX)
    if departure is None:  # no input is known to come here; a peer must not stop us if one does
        return Refusal("ENC-6", "the bytes are not in the canonical form", "byte 0")
    return Refusal(departure.rule, departure.reason, f"byte {departure.offset}")


def _refuse_tag(*_: object) -> Never:
    raise CBORDecodeError("tags are refused")


_REFUSED: Final[dict[int, Callable[..., Never]]] = dict.fromkeys(_TAGS, _refuse_tag)
