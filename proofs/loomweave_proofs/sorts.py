"""Python types as sorts: what each type of the subset becomes in logic.

    int                  unbounded integer (Python's own, so nothing is lost)
    bool                 truth value
    str, bytes           opaque ordered sort: only `==` and `<` mean anything. Finitely many members
                         of any total order embed in the integers, so integers stand for them.
    Enum                 finite sort; members compare by their integer values where they have them
    X | None             option
    A | B                tagged union
    attrs, msgspec, dataclass, NamedTuple records    one constructor with typed fields
    tuple[A, B]          record without names; tuple[A, ...] is refused
    frozenset[A]         array to truth values
    Mapping[K, V]        array from K to option of V
Types can be declared opaque, with or without an order, when a theory is set up.
"""

import collections.abc
import enum
import types
import typing
from collections.abc import Callable, Mapping, Sequence

import attrs
import immutables

from loomweave_proofs import solver
from loomweave_proofs.records import is_ordered, record_fields, written_method
from loomweave_proofs.solver import Sort, Term


def _itself(value: object) -> object:
    return value


class NoSort(Exception):
    """A type that the subset does not have; the reader adds where it stands."""


@attrs.frozen(eq=False)
class Shape:
    """A Python type, as the solver sees it."""

    name: str
    sort: Sort


@attrs.frozen(eq=False)
class IntShape(Shape):
    """Integers."""


@attrs.frozen(eq=False)
class BoolShape(Shape):
    """Truth values."""


@attrs.frozen(eq=False)
class NothingShape(Shape):
    """The type of None alone."""


@attrs.frozen(eq=False)
class OpaqueShape(Shape):
    """Things known by order and identity only."""

    ordered: bool
    comparable: bool
    """False where Python's `==` is coarser than identity, so that code may not use it."""
    rank: Callable[[object], int]
    """Numbers a Python value so that order is kept."""
    choose: Callable[[Sequence[int]], Sequence[object]]
    """Finds Python values, one for each of some ascending numbers, in the same order."""
    has_least: bool
    """Whether there is a least member, numbered 0, such as the empty text."""


@attrs.frozen(eq=False)
class EnumShape(Shape):
    """Members of an enumeration."""

    cls: type[enum.Enum]
    members: Mapping[str, Term]


@attrs.frozen(eq=False)
class OptionShape(Shape):
    """A value or None."""

    inner: Shape

    def none(self) -> Term:
        """Build None."""
        return solver.constructor(self.sort, 0)

    def some(self, value: Term) -> Term:
        """Build a value that is there."""
        return solver.constructor(self.sort, 1)(value)

    def is_some(self, value: Term) -> Term:
        """State that a value is there."""
        return solver.recognizer(self.sort, 1)(value)

    def get(self, value: Term) -> Term:
        """Read the value; meaningless where there is none."""
        return solver.accessor(self.sort, 1, 0)(value)


@attrs.frozen(eq=False)
class RecordShape(Shape):
    """A record or a tuple of fixed length; a tuple's fields are called `0`, `1`, …"""

    cls: type | None
    fields: Mapping[str, Shape]
    ordered: bool

    def build(self, values: Sequence[Term]) -> Term:
        """Build a record from all its fields in order."""
        made = solver.constructor(self.sort, 0)
        return made(*values) if self.fields else made

    def read(self, value: Term, field: str) -> Term:
        """Read a field."""
        return solver.accessor(self.sort, 0, list(self.fields).index(field))(value)


@attrs.frozen(eq=False)
class UnionShape(Shape):
    """One of several shapes, tagged."""

    members: Sequence[Shape]

    def inject(self, at: int, value: Term) -> Term:
        """Build a member of the union."""
        return solver.constructor(self.sort, at)(value)

    def holds(self, at: int, value: Term) -> Term:
        """State that the value is the member at `at`."""
        return solver.recognizer(self.sort, at)(value)

    def project(self, at: int, value: Term) -> Term:
        """Read the member at `at`; meaningless where it is another."""
        return solver.accessor(self.sort, at, 0)(value)


@attrs.frozen(eq=False)
class SetShape(Shape):
    """A finite set."""

    item: Shape
    wrap: Callable[[frozenset[object]], object] = frozenset
    """Makes the Python object that stands for a set of members."""
    unwrap: Callable[[object], object] = _itself
    """Reads the members off that object."""


@attrs.frozen(eq=False)
class MapShape(Shape):
    """A finite map."""

    key: Shape
    value: OptionShape


@attrs.frozen(eq=False)
class Lifted:
    """A term and the Python type that it stands for."""

    term: Term
    shape: Shape


def _no_rank(value: object) -> int:
    raise NoSort(f"no number for {value!r}")


def _no_choice(numbers: Sequence[int]) -> Sequence[object]:
    raise NoSort(f"no Python value for {len(numbers)} opaque numbers")


def opaque(
    name: str,
    *,
    ordered: bool = True,
    comparable: bool = True,
    rank: Callable[[object], int] = _no_rank,
    choose: Callable[[Sequence[int]], Sequence[object]] = _no_choice,
    has_least: bool = False,
) -> OpaqueShape:
    """Declare an opaque shape; integers stand for its members."""
    return OpaqueShape(name, solver.INT, ordered, comparable, rank, choose, has_least)


class Sorts:
    """The sorts of one theory; each Python type gets one, once.

    `opaques` pairs a type, or a predicate on types, with the shape that stands for it.
    """

    def __init__(
        self, opaques: Sequence[tuple[object, Shape]], structural: Sequence[type] = ()
    ) -> None:
        self._opaques = list(opaques)
        self._structural = frozenset(structural)
        self._made: dict[str, Shape] = {}
        self._open: set[str] = set()
        self.int = IntShape("int", solver.INT)
        self.bool = BoolShape("bool", solver.BOOL)
        self.nothing = NothingShape("None", solver.datatype("None_", [("none_", [])]))

    def of(self, hint: object) -> Shape:
        """Return the shape of a type; refuse types outside the subset."""
        plain = strip_hint(hint)
        for type_, shape in self._opaques:
            if type_(plain) if isinstance(type_, types.FunctionType) else plain == type_:
                return shape
        if plain is int:
            return self.int
        if plain is bool:
            return self.bool
        if plain is None or plain is type(None):
            return self.nothing
        key = type_name(plain)
        if key not in self._made:
            if key in self._open:
                raise NoSort(f"the recursive type {key}")
            self._open.add(key)
            try:
                self._made[key] = self._make(plain, key)
            finally:
                self._open.discard(key)
        return self._made[key]

    def _make(self, hint: object, key: str) -> Shape:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, types.UnionType):
            return self._make_union(arguments)
        if origin is tuple and arguments and arguments[-1] is not ...:
            return self.pair([self.of(item) for item in arguments])
        if origin in (frozenset, set, collections.abc.Set):
            return self.set_of(self.of(arguments[0]))
        if origin in (dict, collections.abc.Mapping, immutables.Map):
            return self.table(self.of(arguments[0]), self.of(arguments[1]))
        if isinstance(hint, type):
            return self._make_class(hint, key)
        raise NoSort(f"the type {key}")

    def _make_class(self, cls: type, key: str) -> Shape:
        if issubclass(cls, enum.Enum):
            return make_enum(key, cls)
        fields = record_fields(cls)
        if fields is None:
            raise NoSort(f"the type {key}")
        own = written_method(cls)
        if own is not None and cls not in self._structural:
            raise NoSort(f"the type {key}, which has an {own} of its own")
        shapes = {name: self.of(hint) for name, hint in fields.items()}
        return make_record(key, cls, shapes, ordered=is_ordered(cls))

    def _make_union(self, arguments: Sequence[object]) -> Shape:
        rest = [item for item in arguments if item is not type(None)]
        if len(rest) < len(arguments):
            inner = rest[0] if len(rest) == 1 else typing.Union[tuple(rest)]  # noqa: UP007
            return self.option(self.of(inner))
        members = [self.of(item) for item in rest]
        key = " | ".join(member.name for member in members)
        if key in self._made:
            return self._made[key]
        constructors = [
            (f"{key}.in{at}", [(f"{key}.of{at}", member.sort)]) for at, member in enumerate(members)
        ]
        made = UnionShape(key, solver.datatype(key, constructors), members)
        self._made[key] = made
        return made

    def option(self, inner: Shape) -> OptionShape:
        """Return the shape of `inner | None`."""
        key = f"{inner.name} | None"
        made = self._made.get(key)
        if not isinstance(made, OptionShape):
            sort = solver.datatype(
                key, [(f"{key}.none", []), (f"{key}.some", [(f"{key}.get", inner.sort)])]
            )
            made = OptionShape(key, sort, inner)
            self._made[key] = made
        return made

    def table(self, key: Shape, value: Shape) -> MapShape:
        """Return the shape of a map."""
        name = f"Mapping[{key.name}, {value.name}]"
        made = self._made.get(name)
        if not isinstance(made, MapShape):
            option = self.option(value)
            made = MapShape(name, solver.array(key.sort, option.sort), key, option)
            self._made[name] = made
        return made

    def set_of(self, item: Shape) -> SetShape:
        """Return the shape of a set."""
        name = f"frozenset[{item.name}]"
        made = self._made.get(name)
        if not isinstance(made, SetShape):
            made = SetShape(name, solver.array(item.sort, solver.BOOL), item)
            self._made[name] = made
        return made

    def is_blurred(self, shape: Shape) -> bool:
        """Tell whether Python's `==` on a shape is coarser than identity."""
        match shape:
            case OpaqueShape():
                return not shape.comparable
            case OptionShape():
                return self.is_blurred(shape.inner)
            case RecordShape():
                parts = shape.fields.values()
                return shape.cls not in self._structural and any(map(self.is_blurred, parts))
            case UnionShape():
                return any(map(self.is_blurred, shape.members))
            case SetShape():
                return self.is_blurred(shape.item)
            case MapShape():
                return self.is_blurred(shape.key) or self.is_blurred(shape.value)
            case _:
                return False

    def pair(self, items: Sequence[Shape]) -> RecordShape:
        """Return the shape of a tuple."""
        name = f"tuple[{', '.join(item.name for item in items)}]"
        made = self._made.get(name)
        if not isinstance(made, RecordShape):
            fields = {str(at): item for at, item in enumerate(items)}
            made = make_record(name, None, fields, ordered=True)
            self._made[name] = made
        return made


def make_record(
    name: str, cls: type | None, fields: Mapping[str, Shape], *, ordered: bool
) -> RecordShape:
    """Build the shape of a record."""
    typed = [(f"{name}.{field}", shape.sort) for field, shape in fields.items()]
    sort = solver.datatype(name, [(f"{name}.make", typed)])
    return RecordShape(name, sort, cls, fields, ordered)


def make_enum(name: str, cls: type[enum.Enum]) -> EnumShape:
    """Build the shape of an enumeration."""
    names = [member.name for member in cls]
    sort = solver.datatype(name, [(f"{name}.{member}", []) for member in names])
    members = {member: solver.constructor(sort, at) for at, member in enumerate(names)}
    return EnumShape(name, sort, cls, members)


def strip_hint(hint: object) -> object:
    """Take off what does not change the values: NewType, Annotated, Final."""
    while True:
        if hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        elif typing.get_origin(hint) in (typing.Annotated, typing.Final):
            hint = typing.get_args(hint)[0]
        else:
            return hint


def type_name(hint: object) -> str:
    """Return a name by which a type is known within a theory."""
    if isinstance(hint, type) and not typing.get_args(hint):
        return f"{hint.__module__}.{hint.__qualname__}"
    return str(hint)
