"""Nodes on real sockets in this process: links that break, fill up, come back; who is let in.

Spec: STO-2, STO-5, STO-15 to STO-19, WIR-16.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from loomweave.core.events import Persist
from loomweave.core.graph.merge import Part
from loomweave.core.graph.operations import PutNode
from loomweave.core.replica.recovery import ForeignJournal
from loomweave.core.replica.state import graph_salt, root, status_of
from loomweave.core.sync.frames import Agreed, Batch, Digest, Hello
from loomweave.runtime import clients, journal, links, node
from loomweave.runtime.node import HostEntropy, Node, Plan, is_loopback
from loomweave.wire.native import decode_frame, encode_frame
from tests.drivers.processes import free_port

LIMIT_S = 10.0
HELLO = Hello(1, "stranger", graph_salt("default"), "main", True)


def make(folder: Path, *peers: int, salvage: bool = False) -> tuple[Node, list[str], int]:
    said: list[str] = []
    port = free_port()
    urls = tuple(f"ws://127.0.0.1:{peer}" for peer in peers)
    plan = Plan(folder, "127.0.0.1", port, urls, folder.name, "default", salvage)
    return Node(plan, said.append), said, port


async def until(what: str, is_so: Callable[[], bool]) -> None:
    for _ in range(round(LIMIT_S / 0.02)):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what}: not within {LIMIT_S} s")


def live(folder: Path, story: Callable[[Node, list[str], str], Awaitable[None]]) -> list[str]:
    """Run a node while a story is told with it; return what it said."""

    async def run() -> list[str]:
        made, said, port = make(folder)
        running = asyncio.create_task(made.run())
        await until("it listens", lambda: bool(said))
        try:
            await story(made, said, f"ws://127.0.0.1:{port}")
        finally:
            made.stop()
            await running
        return said

    return asyncio.run(run())


def test_a_link_that_breaks_is_dialled_again(tmp_path: Path) -> None:
    """Spec: STO-17."""

    async def story() -> None:
        there, there_said, port = make(tmp_path / "there")
        here, here_said, _ = make(tmp_path / "here", port)
        dialling = asyncio.create_task(here.run())
        await until("it says that nobody is there", lambda: "trying on" in "".join(here_said))
        first = asyncio.create_task(there.run())
        await until("greeted", lambda: status_of(here.driver.state).peers_greeted == 1)
        there.stop()
        await first
        await until("link down", lambda: status_of(here.driver.state).peers_connected == 0)
        await here.driver.request((PutNode("a"),))
        there = Node(there.plan, there_said.append)
        second = asyncio.create_task(there.run())
        await until("it arrives", lambda: len(there.driver.state.graph.held) == 1)
        for ending in (here, there):
            ending.stop()
        await asyncio.gather(dialling, second)
        assert sum("trying on" in line for line in here_said) <= 3, "the same is said once"

    asyncio.run(story())


def test_frames_to_a_peer_keep_their_order(tmp_path: Path) -> None:
    """Spec: STO-5, STO-12."""

    async def story(made: Node, said: list[str], url: str) -> None:
        async with connect(url) as link:
            await link.send(encode_frame(HELLO))
            await until("greeted", lambda: status_of(made.driver.state).peers_greeted == 1)
            for number in range(50):
                await made.driver.request((PutNode("n", properties={"x": number}),))
            seqs: list[int] = []
            while len(seqs) < 50:
                frame = decode_frame(await link.recv(decode=False))
                if isinstance(frame, Batch):
                    seqs.append(frame.part.seq)
            assert seqs == list(range(1, 51))

    live(tmp_path / "n", story)


@pytest.mark.parametrize(
    ("bound", "limit"), [("QUEUE_BYTES_MAX", 3_000_000), ("QUEUE_FRAMES_MAX", 8)]
)
def test_a_peer_that_takes_too_little_is_given_up(
    bound: str, limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spec: STO-17. The peer reads nothing, so its socket fills up, and then its outbox."""
    monkeypatch.setattr(links, bound, limit)

    async def story(made: Node, said: list[str], url: str) -> None:
        async with connect(url, max_queue=1, close_timeout=0.1) as link:
            await link.send(encode_frame(HELLO))
            await until("greeted", lambda: status_of(made.driver.state).peers_greeted == 1)
            for _ in range(12):
                for _ in range(4):
                    made.links.send(made.links.names, heavy)
                await asyncio.sleep(0)
            await until("given up", lambda: any("took too little" in line for line in said))
            assert status_of(made.driver.state).peers_connected == 0

    heavy = Batch(Part(b"w", 1, 5, {}), {}, raw=b"\x01" + bytes(1_000_000))
    live(tmp_path / "n", story)


def test_garbage_is_refused_and_the_link_stays(tmp_path: Path) -> None:
    """Spec: STO-17, WIR-9."""

    async def story(made: Node, said: list[str], url: str) -> None:
        async with connect(url) as link:
            await link.send(b"garbage")
            await link.send("text")
            await link.send(encode_frame(Agreed({})))
            await link.send(encode_frame(HELLO))
            kinds = [type(decode_frame(await link.recv(decode=False))) for _ in range(4)]
            assert kinds == [Hello, Hello, Hello, Digest], "asked for a hello, then answered it"
        await until("link down", lambda: "link down" in said[-1])

    said = live(tmp_path / "n", story)
    assert sum("WIR-2" in line for line in said) == 1, "each rule is said once"


def test_web_pages_and_strange_paths_are_turned_away(tmp_path: Path) -> None:
    """Spec: STO-18."""

    async def story(made: Node, said: list[str], url: str) -> None:
        for path in ("", "/client"):
            with pytest.raises(InvalidStatus, match="403"):
                async with connect(url + path, origin=Origin("https://example.org")):
                    pass
        async with connect(url + "/elsewhere") as strange:
            with pytest.raises(ConnectionClosed, match="there is nothing at /elsewhere"):
                await strange.recv()

    live(tmp_path / "n", story)


def test_only_loopback_is_taken_for_safe() -> None:
    """Spec: STO-18."""
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "10.0.0.1", "example.org")))


def test_status_is_said_when_there_is_news(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spec: STO-19, MCH-10."""
    monkeypatch.setattr(node, "STATUS_NS", 20_000_000)

    async def story(made: Node, said: list[str], url: str) -> None:
        await made.driver.request((PutNode("a"),))
        latest = f"1 entities, 0 peers, journal at {made.driver.durable_lsn},"
        await until("it reports", lambda: said[-1].startswith(latest))
        count = len(said)
        await asyncio.sleep(0.2)
        assert len(said) == count, "no news, no line"

    live(tmp_path / "n", story)


def test_two_first_starts_write_under_two_names(tmp_path: Path) -> None:
    """Spec: STO-2, MCH-6."""
    assert HostEntropy().draw(16) != HostEntropy().draw(16)
    writers = []

    async def story(made: Node, said: list[str], url: str) -> None:
        writers.append(made.driver.state.identity.writer)

    for folder in ("x/n", "y/n", "x/n"):
        live(tmp_path / folder, story)
    assert writers[0] != writers[1]
    assert writers[0] == writers[2], "a restart goes on under its name"


def test_a_commit_that_fails_ends_the_node(tmp_path: Path) -> None:
    """Spec: STO-16."""

    async def story() -> None:
        made, said, _ = make(tmp_path / "n")

        def fail(persists: Sequence[Persist]) -> None:
            raise OSError("no space left")

        running = asyncio.create_task(made.run())
        await until("it listens", lambda: bool(said))
        await until("started", lambda: made.driver.durable_lsn > 0)
        made.journal.commit = fail  # type: ignore[method-assign]
        asking = asyncio.create_task(made.driver.request((PutNode("a"),)))
        with pytest.raises(OSError, match="no space left"):
            await running
        assert not asking.done(), "nothing is confirmed that may not be on disk"
        assert "stopped" not in said[-1]
        asking.cancel()

    asyncio.run(story())


def test_an_end_writes_what_was_asked_for(tmp_path: Path) -> None:
    """Spec: STO-16."""
    asked: list[asyncio.Task[object]] = []

    async def story(made: Node, said: list[str], url: str) -> None:
        for number in range(20):
            asked.append(asyncio.ensure_future(made.driver.request((PutNode(f"n{number}"),))))
        await asyncio.sleep(0)

    live(tmp_path / "n", story)

    async def again(made: Node, said: list[str], url: str) -> None:
        assert len(made.driver.state.graph.held) == 20

    live(tmp_path / "n", again)


BAD_REQUESTS: dict[str, tuple[str | dict[str, object], str, str]] = {
    "no JSON": ("{", "WIR-16", "request"),
    "no object": ("[]", "WIR-16", "request"),
    "no verb": ({}, "WIR-16", "None"),
    "unknown verb": ({"do": "dance"}, "WIR-16", "'dance'"),
    "unknown argument": ({"do": "put_node", "id": "a", "colour": 1}, "WIR-16", "colour"),
    "missing argument": ({"do": "put_node"}, "WIR-16", "put_node"),
    "wrong type": ({"do": "put_node", "id": 7}, "WIR-16", "put_node"),
    "wrong kind": ({"do": "delete", "id": "a", "kind": "ref"}, "GRF-1", "kind"),
    "no list": ({"do": "batch", "operations": 7}, "WIR-16", "operations"),
    "bad bytes": (
        {"do": "put_node", "id": "a", "properties": {"x": {"$bytes": "é"}}},
        "WIR-16",
        "$bytes",
    ),
    "reading nothing": ({"do": "get"}, "WIR-16", "id"),
    "reading with more": ({"do": "status", "id": "a"}, "WIR-16", "id"),
    "reading a number": ({"do": "get", "id": 7}, "WIR-16", "id"),
    "no direction": ({"do": "neighbours", "id": "a", "direction": "up"}, "GRF-9", "up"),
}


def test_bad_requests_are_answered_with_reasons(tmp_path: Path) -> None:
    """Spec: WIR-16."""

    async def story(made: Node, said: list[str], url: str) -> None:
        for name, (asked, rule, subject) in BAD_REQUESTS.items():
            text = asked if isinstance(asked, str) else json.dumps({"request": 5, **asked})
            told = json.loads(await clients.answer(made.driver, text))
            assert told["request"] == (None if isinstance(asked, str) else 5), name
            wrong = told["error"]
            assert (wrong["rule"], wrong["subject"]) == (rule, subject), name
            assert wrong["reason"], name
        assert not made.driver.state.graph.held

    live(tmp_path / "n", story)


def test_a_snapshot_takes_the_journal_s_place_while_writes_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spec: STO-9, MCH-8."""
    monkeypatch.setattr(journal, "COMPACT_BYTES_MIN", 20_000)
    roots = []

    async def story(made: Node, said: list[str], url: str) -> None:
        path = tmp_path / "n" / "journal"
        sizes = []
        for turn in range(120):
            writes = [(PutNode(f"n{k}", properties={"x": turn}),) for k in range(5)]
            await asyncio.gather(*map(made.driver.request, writes))
            sizes.append(path.stat().st_size)
        assert any(later < size for size, later in pairwise(sizes)), "it shrank at least once"
        roots.append(root(made.driver.state))

    async def again(made: Node, said: list[str], url: str) -> None:
        roots.append(root(made.driver.state))
        await made.driver.request((PutNode("more"),))

    live(tmp_path / "n", story)
    live(tmp_path / "n", again)
    assert roots[0] == roots[1]


def test_a_salvaged_replica_writes_under_a_new_name(tmp_path: Path) -> None:
    """Spec: STO-7, MCH-6."""
    writers = []

    async def story(made: Node, said: list[str], url: str) -> None:
        writers.append(made.driver.state.identity.writer)
        for number in range(5):
            await made.driver.request((PutNode(f"n{number}"),))

    live(tmp_path / "n", story)
    path = tmp_path / "n" / "journal"
    bent = bytearray(path.read_bytes())
    bent[len(bent) * 2 // 3] ^= 1
    path.write_bytes(bent)
    with pytest.raises(journal.DamagedJournal, match="--salvage"):
        make(tmp_path / "n")
    with pytest.raises(journal.DamagedJournal):
        make(tmp_path / "n")

    async def salvaged() -> None:
        made, said, _ = make(tmp_path / "n", salvage=True)
        running = asyncio.create_task(made.run())
        await until("it listens", lambda: len(said) > 1)
        assert "was put into" in said[0]
        await story(made, said, "")
        made.stop()
        await running

    asyncio.run(salvaged())
    assert writers[0] != writers[1]
    live(tmp_path / "n", story)
    assert writers[1] == writers[2]


@pytest.mark.parametrize("damage", ["bent", "torn"])
def test_a_foreign_journal_is_not_salvaged(tmp_path: Path, damage: str) -> None:
    """Spec: STO-7, MCH-8: whose it is, is asked before anything is put aside."""

    async def story(made: Node, said: list[str], url: str) -> None:
        for number in range(5):
            await made.driver.request((PutNode(f"n{number}"),))

    live(tmp_path / "n", story)
    path = tmp_path / "n" / "journal"
    broken = bytearray(path.read_bytes())
    if damage == "bent":
        broken[len(broken) * 2 // 3] ^= 1
    else:
        del broken[-3:]
    path.write_bytes(broken)
    before, said = sorted(file.name for file in path.parent.iterdir()), list[str]()
    for name, graph in (("other", "default"), ("n", "other")):
        plan = Plan(tmp_path / "n", "127.0.0.1", 7001, (), name, graph, salvage=True)
        with pytest.raises(ForeignJournal):
            Node(plan, said.append)
        assert path.read_bytes() == broken
        assert sorted(file.name for file in path.parent.iterdir()) == before
    assert said == []
