"""Links lose, double, reorder and cut as told, and no more. SCN-13, SCN-17."""

from itertools import pairwise

from loomweave_sim.chance import SPREADS, Chance, spread_us
from loomweave_sim.link import CORRUPTED_BYTES_MAX, Harm, Link, LinkQuality

COUNT = 20_000


def link(**quality: int) -> Link:
    """Make a link on which delays vary widely."""
    wide = spread_us(1_000, 50_000)
    return Link(LinkQuality(wide, reordering_delay=wide, **quality), Chance(5, "link"))


def arrivals(of: Link, count: int = COUNT) -> list[tuple[int, ...]]:
    """Send a message each millisecond; list the times at which its copies arrive."""
    times = []
    for index in range(count):
        now_ns = index * 1_000_000
        times.append(tuple(now_ns + delay_ns for delay_ns in of.send(now_ns, 10)))
    return times


def test_sound_link_keeps_order_and_number() -> None:
    times = arrivals(link())
    assert all(len(copies) == 1 for copies in times)
    assert times == sorted(times)


def test_loss_is_as_told() -> None:
    lossy = link(loss_ppm=50_000)
    lost = sum(not copies for copies in arrivals(lossy))
    assert lost == lossy.counts.lost
    assert COUNT * 0.045 < lost < COUNT * 0.055


def test_all_is_lost_and_all_is_doubled() -> None:
    assert not any(arrivals(link(loss_ppm=1_000_000)))
    assert all(len(copies) == 2 for copies in arrivals(link(duplication_ppm=1_000_000)))


def test_duplication_is_as_told() -> None:
    doubling = link(duplication_ppm=30_000)
    doubled = [copies for copies in arrivals(doubling) if len(copies) == 2]
    assert COUNT * 0.026 < len(doubled) < COUNT * 0.034
    assert doubling.counts.duplicated == len(doubled)
    assert all(first < second for first, second in doubled)


def test_reordered_messages_are_overtaken_and_only_they() -> None:
    shuffling = link(reordering_ppm=100_000)
    times = [at_ns for (at_ns,) in arrivals(shuffling)]
    late = sum(a > b for a, b in pairwise(times))
    assert COUNT * 0.09 < shuffling.counts.reordered < COUNT * 0.11
    assert 0 < late <= shuffling.counts.reordered


def test_one_share_does_not_move_the_others() -> None:
    """SCN-13: a message takes the same draws whatever becomes of it."""
    plain = arrivals(link(loss_ppm=50_000))
    more = arrivals(link(loss_ppm=50_000, duplication_ppm=200_000))
    assert [bool(copies) for copies in plain] == [bool(copies) for copies in more]
    assert [copies[:1] for copies in plain] == [copies[:1] for copies in more]


def test_cut_stops_what_is_sent_and_what_is_under_way() -> None:
    cut = link()
    assert cut.send(0, 10)
    cut.cut()
    cut.cut()
    assert cut.send(1, 10) == ()
    passed = []
    for _ in range(2):
        cut.mend()
        passed.append((cut.is_cut, cut.arrive(10)))
    assert passed == [(True, False), (False, True)]
    assert cut.counts.cut == 2 and cut.counts.delivered == 1 and cut.counts.delivered_bytes == 10


def test_cut_does_not_move_later_draws() -> None:
    one, two = link(), link()
    two.cut()
    one.send(0, 1), two.send(0, 1)
    two.mend()
    assert one.send(10**9, 1) == two.send(10**9, 1)


def test_latest_degradation_counts_until_restored() -> None:
    """SCN-17: also when they end in another order than they began."""
    plain = link()
    worse, worst = LinkQuality(loss_ppm=1), LinkQuality(SPREADS["mobile"], loss_ppm=2)
    base = plain.quality
    plain.degrade(worse)
    plain.degrade(worst)
    assert plain.quality == worst
    plain.restore(worse)
    assert plain.quality == worst
    plain.restore(worst)
    assert plain.quality == base
    plain.degrade(base)
    plain.restore(base)
    assert plain.quality == base


def test_seed_decides() -> None:
    assert arrivals(link(loss_ppm=99_999), 500) == arrivals(link(loss_ppm=99_999), 500)


def test_harm_is_as_told() -> None:
    harmful = link(corruption_ppm=30_000, truncation_ppm=50_000)
    fates = [harmful.harm() for _ in range(COUNT)]
    assert COUNT * 0.026 < fates.count(Harm.CORRUPTION) < COUNT * 0.034
    assert COUNT * 0.045 < fates.count(Harm.TRUNCATION) < COUNT * 0.055
    assert harmful.does_harm and not link(loss_ppm=1).does_harm


def test_damage_cuts_off_or_changes_a_few_bytes() -> None:
    harmful, data = link(), bytes(range(40))
    lengths = set()
    for _ in range(500):
        short = harmful.damage(data, Harm.TRUNCATION)
        assert data.startswith(short) and len(short) < len(data)
        lengths.add(len(short))
        changed = harmful.damage(data, Harm.CORRUPTION)
        assert len(changed) == len(data)
        assert sum(a != b for a, b in zip(changed, data, strict=True)) <= CORRUPTED_BYTES_MAX
    assert lengths == set(range(len(data)))
    assert harmful.counts.truncated == harmful.counts.corrupted == 500


def test_harm_does_not_move_the_other_shares() -> None:
    plain, harmful = link(loss_ppm=50_000), link(loss_ppm=50_000, corruption_ppm=100_000)
    assert arrivals(plain, 500) == arrivals(harmful, 500)
