"""Sets and maps of the subset, and comprehensions over them.

A comprehension's key must be its loop's own variable (an image would need a fold); its value, its
filter and its source may be anything. A set is an array to truth values, a map one to options.
"""

import ast
from typing import Final

from loomweave_proofs import solver
from loomweave_proofs.operations import Env, Operations
from loomweave_proofs.solver import Term
from loomweave_proofs.sorts import (
    Lifted,
    MapShape,
    OptionShape,
    RecordShape,
    SetShape,
    Shape,
)

EMPTY_SET: Final = "empty"


class Tables(Operations):
    """Reads sets, maps and comprehensions."""

    def empty(self, kind: type) -> Lifted:
        """Build a table of nothing, whose members' type only its use tells."""
        if kind is dict:
            option = self.sorts.option(self.sorts.nothing)
            sort = solver.array(solver.INT, option.sort)
            shape: Shape = MapShape("empty", sort, self.sorts.int, option)
            return Lifted(solver.everywhere(solver.INT, option.none()), shape)
        shape = SetShape(EMPTY_SET, solver.array(solver.INT, solver.BOOL), self.sorts.int)
        return Lifted(solver.everywhere(solver.INT, solver.FALSE), shape)

    # -- sets

    def set_display(self, node: ast.Set | ast.Tuple | ast.List, env: Env, path: Term) -> Lifted:
        """Read `{a, b}`."""
        items = [self.read(item, env, path) for item in node.elts]
        if not items:
            return self.empty(frozenset)
        item = items[0].shape
        for other in items[1:]:
            item = self.common_shape(item, other.shape, node)
        self._demand_identity(item, node)
        made = solver.everywhere(item.sort, solver.FALSE)
        for value in items:
            made = solver.store(made, self.coerce(value, item, path, node), solver.TRUE)
        return Lifted(made, self.sorts.set_of(item))

    def _demand_identity(self, item: Shape, at: ast.AST) -> None:
        if not self.is_statement and self.sorts.is_blurred(item):
            raise self.refuse(at, f"a set of {item.name}, whose members Python blurs")

    def member(self, item: Lifted, table: Lifted, path: Term, at: ast.AST) -> Term:
        """State that something is in a set, or is a key of a map."""
        table = self.plain(table, path, at)
        if isinstance(table.shape, MapShape):
            if table.shape.name == "empty":
                return solver.FALSE
            key = self.coerce(item, table.shape.key, path, at)
            return table.shape.value.is_some(solver.select(table.term, key))
        if isinstance(table.shape, SetShape):
            if table.shape.name == EMPTY_SET:
                return solver.FALSE
            return solver.select(table.term, self.coerce(item, table.shape.item, path, at))
        if isinstance(table.shape, RecordShape) and table.shape.cls is None:
            items = self.items_of(table, path, at)
            return solver.disj(*[self.equal(item, other, path, at) for other in items])
        raise self.refuse(at, f"membership in {table.shape.name}")

    def set_comprehension(
        self, node: ast.SetComp | ast.GeneratorExp, env: Env, path: Term
    ) -> Lifted:
        """Read `{x for x in source if test}`."""
        key, _, inside, _ = self._loop(node, env, path)
        target = node.generators[0].target
        if not (isinstance(node.elt, ast.Name) and isinstance(target, ast.Name)
                and node.elt.id == target.id):  # fmt: skip
            raise self.refuse(node, "a comprehension that changes its members")
        return Lifted(solver.tabulate(key.term, inside), self.sorts.set_of(key.shape))

    # -- maps

    def map_display(self, node: ast.Dict, env: Env, path: Term) -> Lifted:
        """Read `{key: value, **other}`; later entries win."""
        made: Lifted | None = None
        for key_node, value_node in zip(node.keys, node.values, strict=True):
            value = self.read(value_node, env, path)
            if key_node is None:
                made = value if made is None else self.overlay(made, value, path, node)
                continue
            key = self.read(key_node, env, path)
            if made is None:
                table = self.sorts.table(key.shape, value.shape)
                made = Lifted(solver.everywhere(key.shape.sort, table.value.none()), table)
            made = self.put(made, key, value, path, node)
        return self.empty(dict) if made is None else made

    def put(self, table: Lifted, key: Lifted, value: Lifted, path: Term, at: ast.AST) -> Lifted:
        """Give a map with one entry put into it."""
        shape = table.shape
        if not isinstance(shape, MapShape):
            raise self.refuse(at, f"an entry put into {shape.name}")
        if shape.name == "empty":
            shape = self.sorts.table(key.shape, value.shape)
            table = Lifted(solver.everywhere(key.shape.sort, shape.value.none()), shape)
        place = self.coerce(key, shape.key, path, at)
        entry = shape.value.some(self.coerce(value, shape.value.inner, path, at))
        return Lifted(solver.store(table.term, place, entry), shape)

    def map_comprehension(self, node: ast.DictComp, env: Env, path: Term) -> Lifted:
        """Read `{k: value for k in source if test}`."""
        key, inner, inside, inner_path = self._loop(node, env, path)
        target = node.generators[0].target
        name = target.elts[0] if isinstance(target, ast.Tuple) else target
        if not (isinstance(node.key, ast.Name) and isinstance(name, ast.Name)
                and node.key.id == name.id):  # fmt: skip
            raise self.refuse(node, "a comprehension that changes its keys")
        value = self.read(node.value, inner, inner_path)
        table = self.sorts.table(key.shape, value.shape)
        body = solver.ite(inside, table.value.some(value.term), table.value.none())
        return Lifted(solver.tabulate(key.term, body), table)

    def map_item(self, table: Lifted, key: Lifted, path: Term, at: ast.AST) -> Lifted:
        """Read `table[key]`; that the key is there is an obligation."""
        if not isinstance(table.shape, MapShape):
            raise self.refuse(at, f"an item of {table.shape.name}")
        option = table.shape.value
        found = solver.select(table.term, self.coerce(key, table.shape.key, path, at))
        self.oblige(at, "the key is in the map", path, option.is_some(found))
        return Lifted(option.get(found), option.inner)

    def map_method(self, node: ast.Call, table: Lifted, name: str, env: Env, path: Term) -> Lifted:
        """Read `.get`, `.keys`, `.set`, `.delete` of a map."""
        arguments = [self.read(argument, env, path) for argument in node.args]
        shape = table.shape
        if node.keywords or not isinstance(shape, MapShape):
            raise self.refuse(node, f"the method {name} of {shape.name}")
        match name, arguments:
            case "get", [key]:
                found = solver.select(table.term, self.coerce(key, shape.key, path, node))
                return self.flat(Lifted(found, shape.value))
            case "get", [key, default]:
                found = solver.select(table.term, self.coerce(key, shape.key, path, node))
                there = shape.value.is_some(found)
                value = Lifted(shape.value.get(found), shape.value.inner)
                return self.either(there, value, default, path, node)
            case "keys", []:
                return self.keys(table)
            case "set", [key, value]:
                return self.put(table, key, value, path, node)
            case "delete", [key]:
                place = self.coerce(key, shape.key, path, node)
                there = shape.value.is_some(solver.select(table.term, place))
                self.oblige(node, "the key is in the map", path, there)
                return Lifted(solver.store(table.term, place, shape.value.none()), shape)
        raise self.refuse(node, f"the method {name} of a map")

    def flat(self, value: Lifted) -> Lifted:
        """Flatten an option of an option, as `.get` of a map to Optionals does."""
        outer = value.shape
        if isinstance(outer, OptionShape) and isinstance(outer.inner, OptionShape):
            inner = outer.inner
            term = solver.ite(outer.is_some(value.term), outer.get(value.term), inner.none())
            return Lifted(term, inner)
        return value

    def keys(self, table: Lifted) -> Lifted:
        """Build the set of a map's keys."""
        if not isinstance(table.shape, MapShape):
            return table
        key = solver.fresh(table.shape.key.sort, "k")
        inside = table.shape.value.is_some(solver.select(table.term, key))
        return Lifted(solver.tabulate(key, inside), self.sorts.set_of(table.shape.key))

    # -- operators

    def table_operation(self, node: ast.BinOp, left: Lifted, right: Lifted, path: Term) -> Lifted:
        """Read `| & -` on sets and `|` on maps, where the right one wins."""
        if isinstance(left.shape, MapShape) and isinstance(right.shape, MapShape):
            if isinstance(node.op, ast.BitOr):
                return self.overlay(left, right, path, node)
            raise self.refuse(node, f"the operator {type(node.op).__name__} on maps")
        one, two = self.common(left, right, path, node)
        match node.op:
            case ast.BitOr():
                return Lifted(solver.union(one.term, two.term), one.shape)
            case ast.BitAnd():
                return Lifted(solver.intersection(one.term, two.term), one.shape)
            case ast.Sub():
                return Lifted(solver.difference(one.term, two.term), one.shape)
        raise self.refuse(node, f"the operator {type(node.op).__name__} on sets")

    def overlay(self, left: Lifted, right: Lifted, path: Term, at: ast.AST) -> Lifted:
        """Join two maps; where both have a key the right one's value stands."""
        one, two = self.common(left, right, path, at)
        if not isinstance(one.shape, MapShape):
            raise self.refuse(at, f"{one.shape.name} laid over a map")
        key = solver.fresh(one.shape.key.sort, "k")
        mine, other = solver.select(one.term, key), solver.select(two.term, key)
        body = solver.ite(one.shape.value.is_some(other), other, mine)
        return Lifted(solver.tabulate(key, body), one.shape)

    def table_of(self, node: ast.Call, target: object, env: Env, path: Term) -> Lifted:
        """Read `frozenset(…)`, `set(…)`, `dict(…)` of a display, a comprehension or a table."""
        if not node.args:
            return self.empty(dict if target is dict else frozenset)
        source = node.args[0]
        if isinstance(source, ast.Tuple | ast.List) and target is not dict:
            return self.set_display(source, env, path)
        value = self.plain(self.read(source, env, path), path, source)
        if target is dict and isinstance(value.shape, MapShape):
            return value
        if target is not dict and isinstance(value.shape, SetShape | MapShape):
            return self.keys(value)
        raise self.refuse(node, f"a table of {value.shape.name}")

    # -- loops inside expressions

    def _loop(
        self,
        node: ast.SetComp | ast.GeneratorExp | ast.DictComp,
        env: Env,
        path: Term,
    ) -> tuple[Lifted, Env, Term, Term]:
        """Return the loop's member, the names inside, the test of membership, the path inside."""
        if len(node.generators) != 1 or node.generators[0].is_async:
            raise self.refuse(node, "a comprehension with two loops")
        loop = node.generators[0]
        source_node, has_items = loop.iter, False
        if (isinstance(source_node, ast.Call) and isinstance(source_node.func, ast.Attribute)
                and source_node.func.attr == "items" and not source_node.args):  # fmt: skip
            source_node, has_items = source_node.func.value, True
        source = self.plain(self.read(source_node, env, path), path, source_node)
        shape = source.shape
        if not isinstance(shape, SetShape | MapShape) or has_items > isinstance(shape, MapShape):
            raise self.refuse(loop.iter, f"a loop over {shape.name}")
        item = shape.key if isinstance(shape, MapShape) else shape.item
        key = Lifted(solver.fresh(item.sort, "each"), item)
        inside = self.member(key, source, path, node)
        names = dict(env)
        targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
        values = [key]
        if has_items and isinstance(shape, MapShape):
            entry = shape.value.get(solver.select(source.term, key.term))
            values.append(Lifted(entry, shape.value.inner))
        if len(targets) != len(values):
            raise self.refuse(loop.target, "a loop with other targets")
        for target, value in zip(targets, values, strict=True):
            if not isinstance(target, ast.Name):
                raise self.refuse(target, f"the loop target {type(target).__name__}")
            names[target.id] = value
        for test in loop.ifs:
            inner_path = solver.conj(path, inside)
            inside = solver.conj(inside, self.condition(test, names, inner_path))
        return key, names, inside, solver.conj(path, inside)

    def quantified(self, node: ast.Call, is_all: bool, env: Env, path: Term) -> Lifted:
        """Read `any(test for x in source)` and `all(…)`."""
        body = node.args[0]
        if not isinstance(body, ast.GeneratorExp):
            raise self.refuse(node, "any or all of something that is not a generator")
        key, inner, inside, inner_path = self._loop(body, env, path)
        test = self.condition(body.elt, inner, inner_path)
        if is_all:
            found = solver.for_all([key.term], solver.implies(inside, test))
        else:
            found = solver.exists([key.term], solver.conj(inside, test))
        return Lifted(found, self.sorts.bool)
