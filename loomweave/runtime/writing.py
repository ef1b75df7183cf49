"""The calls that write, the same for a replica, a batch and a client of a node. Spec: MCH-7."""

from collections.abc import Iterable, Mapping
from typing import Literal

from loomweave.core.entities import NAMESPACE, Kind
from loomweave.core.errors import UsageError
from loomweave.core.graph.operations import Delete, Operation, Patch, PutEdge, PutNode
from loomweave.core.graph.view import CUSTOM

KindName = Literal["node", "edge"]


class Operations:
    """The calls that write, shared by a replica and a batch."""

    def _do(self, operation: Operation) -> str:
        raise NotImplementedError

    def put_node(
        self,
        id: str,
        *,
        type: str | None = None,
        properties: Mapping[str, object] | None = None,
        labels: Iterable[str] | None = None,
        replace: bool = False,
        namespace: str = NAMESPACE,
    ) -> str:
        """Create a node, or patch the living one, and return its id. Spec: GRF-12, GRF-13.

        Raises:
            UsageError: a name or a value that a rule forbids.
        """
        given = properties_given(id, properties)
        named = labels_given(id, labels) if labels is not None else None
        return self._do(PutNode(id, type, given, named, replace, namespace))

    def put_edge(
        self,
        source: str,
        target: str,
        type: str = CUSTOM,
        *,
        id: str | None = None,
        directed: bool = True,
        weight: float | int | None = None,
        properties: Mapping[str, object] | None = None,
        labels: Iterable[str] | None = None,
        replace: bool = False,
        namespace: str = NAMESPACE,
    ) -> str:
        """Create an edge between living nodes, or patch it, and return its id. Spec: GRF-7, GRF-12.

        Raises:
            UsageError: an end that does not exist, ends that differ from those at its creation,
                a weight that is no finite number.
        """
        return self._do(
            PutEdge(
                source=source,
                target=target,
                type=type,
                id=id,
                directed=directed,
                weight=weight,
                properties=properties_given(f"{source} to {target}", properties),
                labels=labels_given(id or "edge", labels) if labels is not None else None,
                replace=replace,
                namespace=namespace,
            )
        )

    def patch(
        self,
        id: str,
        properties: Mapping[str, object] | None = None,
        *,
        kind: KindName = "node",
        weight: float | int | None = None,
        drop_weight: bool = False,
        add_labels: Iterable[str] = (),
        drop_labels: Iterable[str] = (),
        namespace: str = NAMESPACE,
    ) -> str:
        """Change fields of a living entity; None deletes a property. Spec: GRF-14.

        Raises:
            UsageError: nothing lives under this id.
        """
        return self._do(
            Patch(
                kind_given(kind),
                id,
                properties_given(id, properties),
                weight,
                labels_given(id, add_labels),
                labels_given(id, drop_labels),
                namespace,
                drop_weight,
            )
        )

    def delete(self, id: str, *, kind: KindName = "node", namespace: str = NAMESPACE) -> str:
        """Delete a living entity; edges at a deleted node do not show any more. Spec: GRF-15.

        Raises:
            UsageError: nothing lives under this id.
        """
        return self._do(Delete(kind_given(kind), id, namespace))


def properties_given(subject: str, properties: object) -> dict[str, object]:
    """Return a caller's properties as a dictionary of their own, or raise. Spec: GRF-12."""
    if properties is None:
        return {}
    if not isinstance(properties, Mapping):
        reason = f"properties are a mapping from names to values, not {properties!r}"
        raise UsageError("GRF-12", subject, reason)
    return dict(properties)


def labels_given(subject: str, labels: object) -> tuple[str, ...]:
    """Return a caller's labels, or raise; one text alone would be taken apart. Spec: GRF-3."""
    if isinstance(labels, str | bytes) or not isinstance(labels, Iterable):
        reason = f"labels are a list of texts, such as ['Person'], not {labels!r}"
        raise UsageError("GRF-3", subject, reason)
    return tuple(labels)


def kind_given(kind: str) -> Kind:
    """Return what kind of entity a caller means, or raise. Spec: GRF-1."""
    if kind not in (Kind.NODE, Kind.EDGE):
        raise UsageError("GRF-1", repr(kind), "an entity to write is a 'node' or an 'edge'")
    return Kind(kind)


class Draft(Operations):
    """Writes that will be made at once. Spec: HAM-7."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def _do(self, operation: Operation) -> str:
        self.operations.append(operation)
        return getattr(operation, "id", None) or ""
