"""The simulated journal: what was synced stays, of the rest a prefix. SCN-15, SCN-19."""

from loomweave_sim.chance import Chance
from loomweave_sim.disk import Disk


def disk(seed: int = 1) -> Disk:
    """Make a disk that holds three durable bytes and eight loose ones."""
    made = Disk(Chance(seed, "disk"))
    made.append(b"abc")
    _, size = made.begin_sync()
    made.append(b"defghijk")
    made.finish_sync(size)
    return made


def test_sync_covers_what_was_written_before_it_began() -> None:
    made = disk()
    assert (made.durable_size, made.size) == (3, 11)
    delay_ns, size = made.begin_sync()
    assert delay_ns > 0 and size == 11
    made.finish_sync(size)
    made.finish_sync(3)
    assert made.durable_size == 11


def test_crash_keeps_some_prefix() -> None:
    kept = set()
    for seed in range(200):
        made = disk(seed)
        loss = made.crash()
        assert made.read() == b"abcdefghijk"[: 3 + loss.kept]
        assert loss.kept + loss.lost == 8
        assert made.durable_size == made.size
        kept.add(loss.kept)
    assert kept == set(range(9))


def test_torn_crash_cuts_inside() -> None:
    for seed in range(100):
        made = disk(seed)
        loss = made.crash(torn=True)
        assert loss.is_torn and 0 < loss.kept < 8
        assert made.counts.torn_bytes == loss.kept


def test_torn_crash_with_nothing_to_tear() -> None:
    made = Disk(Chance(1, "disk"))
    assert not made.crash(torn=True).is_torn
    made.append(b"x")
    assert not made.crash(torn=True).is_torn


def test_recovery_cuts_the_tail_off() -> None:
    made = disk()
    made.truncate(2)
    assert (made.read(), made.durable_size) == (b"ab", 2)
    made.append(b"z")
    assert made.read() == b"abz"
    assert made.counts.written_bytes == 12
