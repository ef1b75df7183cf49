"""HTML and SVG as text that cannot be anything but escaped. Spec: SCN-30."""

from html import escape
from typing import Final, TypeAlias

from loomweave_sim.report.words import printable

_VOID: Final = frozenset({"meta", "br"})
"""Elements that HTML writes without an end tag."""


class Markup(str):
    """Text that is markup already; whatever is not of this type gets escaped."""

    __slots__ = ()


Child: TypeAlias = str | int | float | None
Attribute: TypeAlias = str | int | float | bool | None


def text(content: Child) -> Markup:
    """Escape a text for a page, unless it is markup; None gives nothing. Spec: SCN-30.

    Characters that no page may hold (controls, lone surrogates) are shown as U+FFFD.
    """
    if isinstance(content, Markup):
        return content
    if content is None:
        return Markup()
    return Markup(escape(printable(str(content)), quote=True))


def tag(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """Write an element. Spec: SCN-30.

    Attributes are named as in Python: `class_` is `class`, `aria_label` is `aria-label`. None and
    False leave one out, True gives it no value.
    """
    start = name + "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{start}>")
    return Markup(f"<{start}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Write pieces one after the other. Spec: SCN-30."""
    return Markup("".join(text(child) for child in children))


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(value)}"'
