"""The versioned register: what has seen more wins, and HAM decides between equals. Spec: LAT-17.

A version counts how many writes stand in a line; a clock has a say only where nobody saw the other.
"""

from typing import Final

import msgspec

from loomweave.core.lattices.register import Element, element_le


class Versioned(msgspec.Struct, frozen=True, gc=False):
    """An element and its place in a line of writes. Spec: LAT-17."""

    version: int
    """One more than the version that the writer had seen."""
    element: Element


class HighestVersion(msgspec.Struct, frozen=True, gc=False):
    """What a field holds that goes by version. Spec: LAT-17."""

    content: Versioned | None
    """None where nothing was written."""


HIGHEST_VERSION_BOTTOM: Final = HighestVersion(None)


def versioned_le(a: Versioned, b: Versioned) -> bool:
    """Order contents: by version, then as elements. Spec: LAT-17."""
    if a.version != b.version:
        return a.version < b.version
    return element_le(a.element, b.element)


def highest_version_le(a: HighestVersion, b: HighestVersion) -> bool:
    """Order registers: an empty one is least, then by content. Spec: LAT-17."""
    if a.content is None:
        return True
    return b.content is not None and versioned_le(a.content, b.content)


def highest_version_join(a: HighestVersion, b: HighestVersion) -> HighestVersion:
    """Join two registers: the greater one. Spec: LAT-17."""
    return b if highest_version_le(a, b) else a


def next_version(register: HighestVersion) -> int:
    """Return the version that a write here gets. Spec: LAT-17."""
    return 1 if register.content is None else register.content.version + 1


def highest_version_write(register: HighestVersion, element: Element) -> HighestVersion:
    """Write an element over what is held, whatever the stamps say. Spec: LAT-17."""
    return HighestVersion(Versioned(next_version(register), element))


def highest_version_value(register: HighestVersion) -> Element | None:
    """Return the element held, or None. Spec: LAT-17."""
    return None if register.content is None else register.content.element
