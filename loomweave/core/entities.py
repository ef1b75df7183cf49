"""Names of entities and of fields. Spec: GRF-1, GRF-2, GRF-3.

An entity is known by (namespace, kind, id). The key is one text that keeps the order of the
three: U+0000 separates them and may not stand inside, so it sorts below everything that can
follow, and a namespace is one range of keys.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from loomweave.core.errors import UsageError

NAME_BYTES_MAX: Final = 1024
"""Longest namespace, id or field name, in UTF-8 bytes. Spec: GRF-2."""
SEPARATOR: Final = "\x00"
NAMESPACE: Final = "graph"
"""The namespace of those who name none."""

CREATED: Final = "$created"
DELETED: Final = "$deleted"
ENDS: Final = "$ends"
TYPE: Final = "$type"
WEIGHT: Final = "$weight"
LABEL: Final = "$label."
"""Prefix of the field that says whether an entity carries a label. Spec: GRF-3."""
RESERVED: Final = "$"
"""First character of every field that LoomWeave itself writes. Spec: GRF-3."""


class Kind(StrEnum):
    """What an entity is. Spec: GRF-1."""

    NODE = "node"
    EDGE = "edge"
    REF = "ref"
    CELL = "cell"


class EntityName(NamedTuple):
    """The three parts of an entity's key. Spec: GRF-1."""

    namespace: str
    kind: str
    id: str


class InvalidName(UsageError):
    """A namespace, an id or a field name that cannot be one. Spec: GRF-2."""


def name_fault(text: str) -> str | None:
    """Say what keeps `text` from being a name, or None where nothing does. Spec: GRF-2."""
    if not text:
        return "a name may not be empty"
    if SEPARATOR in text:
        return "a name may not hold U+0000"
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        return "a name may not hold half of a surrogate pair"
    if size > NAME_BYTES_MAX:
        return f"a name may take {NAME_BYTES_MAX} bytes at most, this one takes {size}"
    return None


def check_name(text: str) -> str:
    """Return `text` as a plain text if it can be a name, else raise. Spec: GRF-2.

    A member of a `StrEnum`, such as those of the vocabulary, is the text that it stands for.

    Raises:
        InvalidName: the text is empty, too long, or holds a character that a name may not.
    """
    if not isinstance(text, str):
        raise InvalidName("GRF-2", repr(text), "a name is a text (str); convert it first")
    text = str.__str__(text)
    if (fault := name_fault(text)) is not None:
        raise InvalidName("GRF-2", repr(text[:40]), fault)
    return text


def check_property(name: str) -> str:
    """Return `name` if a user's property may have it, else raise. Spec: GRF-3."""
    name = check_name(name)
    if name.startswith(RESERVED):
        raise InvalidName(
            "GRF-3", repr(name), "names that begin with $ are reserved; choose another"
        )
    return name


def entity_key(kind: str, id: str, namespace: str = NAMESPACE) -> str:
    """Build the key of an entity. Spec: GRF-1."""
    return f"{check_name(namespace)}{SEPARATOR}{kind}{SEPARATOR}{check_name(id)}"


def node_key(id: str, namespace: str = NAMESPACE) -> str:
    """Build the key of a node. Spec: GRF-1."""
    return entity_key(Kind.NODE.value, id, namespace)


def edge_key(id: str, namespace: str = NAMESPACE) -> str:
    """Build the key of an edge. Spec: GRF-1."""
    return entity_key(Kind.EDGE.value, id, namespace)


def split_key(key: str) -> EntityName:
    """Take a key apart. Spec: GRF-1."""
    namespace, kind, id = key.split(SEPARATOR)
    return EntityName(namespace, kind, id)


def key_fault(key: str) -> str | None:
    """Say what keeps `key` from being an entity's key, or None; for keys from peers.

    Spec: GRF-2.
    """
    parts = key.split(SEPARATOR)
    if len(parts) != 3:
        return "an entity key has three parts: namespace, kind, id"
    for part in parts:
        if (fault := name_fault(part)) is not None:
            return fault
    return None
