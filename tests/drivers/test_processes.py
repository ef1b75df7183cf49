"""Three processes on loopback: one is killed in mid-write, nothing acknowledged is lost.

Spec: STO-4, STO-12, STO-14, STO-16, SYN-5, MCH-4.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from loomweave import Node, UsageError
from loomweave.runtime.client import NodeUnreachable
from tests.drivers.processes import NodeProcess, free_port, wait_for

CONVERGE_S = 12.0


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[list[NodeProcess]]:
    """Three nodes in a ring, each of which dials the next."""
    ports = [free_port() for _ in range(3)]
    nodes = [
        NodeProcess(tmp_path / name, ports[place], ports[(place + 1) % 3])
        for place, name in enumerate("abc")
    ]
    for node in nodes:
        node.start()
    yield nodes
    for node in nodes:
        node.end()


class Writer(threading.Thread):
    """Writes to one node until told to stop or until the node dies; knows what was confirmed."""

    def __init__(self, node: NodeProcess, prefix: str) -> None:
        super().__init__(daemon=True)
        self.node, self.prefix = node, prefix
        self.confirmed: dict[str, int] = {}
        self.was_cut_off = False
        self.halt = threading.Event()

    def run(self) -> None:
        """Write, one after the other."""
        with self.node.client() as client:
            number = 0
            while not self.halt.is_set():
                number += 1
                id = f"{self.prefix}{number}"
                try:
                    client.put_node(id, type="person", properties={"number": number})
                    client.put_node("shared", properties={self.prefix: number})
                except NodeUnreachable:
                    self.was_cut_off = True
                    return
                self.confirmed[id] = number
                self.confirmed["shared." + self.prefix] = number

    def stop(self) -> None:
        """End the writing and wait for it."""
        self.halt.set()
        self.join(5)
        assert not self.is_alive(), "a write was not answered"


def roots(nodes: list[NodeProcess]) -> list[object]:
    found = []
    for node in nodes:
        with node.client() as client:
            found.append(client.status["root"])
    return found


@pytest.mark.slow
def test_three_processes_converge_after_a_kill(trio: list[NodeProcess]) -> None:
    writers = [Writer(node, node.folder.name) for node in trio]
    for writer in writers:
        writer.start()
    wait_for("each writes", lambda: all(len(w.confirmed) > 30 for w in writers), 15.0)
    trio[1].kill()
    writers[1].join(5)
    assert writers[1].was_cut_off, "killed while it was written to"
    before = len(writers[0].confirmed)
    wait_for("others go on", lambda: len(writers[0].confirmed) > before + 20, 10.0)
    trio[1].start()
    again = Writer(trio[1], "again")
    again.start()
    wait_for("it takes writes again", lambda: len(again.confirmed) > 20, 10.0)
    for writer in (writers[0], writers[2], again):
        writer.stop()

    wait_for("equal roots", lambda: len(set(map(str, roots(trio)))) == 1, CONVERGE_S)
    confirmed = {id: n for writer in [*writers, again] for id, n in writer.confirmed.items()}
    for node in trio:
        with node.client() as client:
            held = {found.id: found for found in client.nodes()}
            lost = [id for id in confirmed if not id.startswith("shared.") and id not in held]
            assert lost == [], f"{node.folder.name} lost confirmed writes"
            for id, number in confirmed.items():
                name, _, field = id.partition(".")
                value = held[name].properties[field or "number"]
                assert isinstance(value, int) and value >= number, (id, value, number)
    assert [node.stop() for node in trio] == [0, 0, 0], "told to end, they end in order"


@pytest.mark.slow
def test_a_client_does_what_a_replica_does(trio: list[NodeProcess]) -> None:
    with trio[0].client() as here, trio[2].client() as there:
        here.put_node("ada", type="person", labels=["Poet"], properties={"b": b"\x00\xff", "n": 1})
        with here.batch() as batch:
            batch.put_node("charles")
            batch.put_edge("ada", "charles", "knows", id="met", weight=2)
        wait_for("it arrives", lambda: there.get("met", kind="edge") is not None, CONVERGE_S)
        ada = there.get("ada")
        assert isinstance(ada, Node)
        assert (ada.labels, ada.properties) == (("Poet",), {"b": b"\x00\xff", "n": 1})
        assert [node.id for node in there.neighbours("ada")] == ["charles"]
        assert [edge.id for edge in there.edges()] == ["met"]
        there.delete("charles")
        wait_for("so does the delete", lambda: here.get("charles") is None, CONVERGE_S)
        with pytest.raises(UsageError) as error:
            here.put_edge("ada", "charles")
        assert error.value.rule == "GRF-7"
        with pytest.raises(UsageError, match="no such argument"):
            here.ask("put_node", id="x", colour="red")
        with pytest.raises(UsageError, match="a request is one of"):
            here.ask("dance")
        with pytest.raises(UsageError):
            here.put_node("x", properties={"nan": float("nan")})
        assert here.status["replica"] == "a"
