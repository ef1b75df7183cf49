"""What version vectors claim, and Bloom filters. Rules SYN-16 to SYN-19."""

from loomweave.core.sync.bloom import (
    MARK_SPAN,
    Bits,
    Bloom,
    Marks,
    bloom_add,
    bloom_join,
    bloom_may_have,
    empty_bloom,
    full_bloom,
    has_bit,
    marks_of,
    no_bits,
    with_bit,
)
from loomweave.core.sync.vector import (
    Vector,
    advance,
    covers,
    is_concurrent,
    is_sound,
    lacking,
    vector_join,
    vector_le,
)
from loomweave.laws import bloom as bloom_laws
from loomweave.laws import vector as laws
from loomweave_proofs.theorem import theorem

SMALL_BITS = 2
"""The size at which twins of filters are broken, so that examples are small as well."""

# -- broken twins


def vector_join_first(a: Vector, b: Vector) -> Vector:
    """Keep what is known here."""
    return a


def concurrent_one_way(a: Vector, b: Vector) -> bool:
    """Look at one direction alone."""
    return not vector_le(a, b)


def covers_without_number(vector: Vector, writer: bytes, seq: int) -> bool:
    """Be sure of batches without a number."""
    return seq <= vector.get(writer, 0)


def covers_below(vector: Vector, writer: bytes, seq: int) -> bool:
    """Leave the last batch out."""
    return 1 <= seq < vector.get(writer, 0)


def advance_anyway(vector: Vector, writer: bytes, seq: int) -> Vector:
    """Jump over a gap."""
    return vector if seq <= vector.get(writer, 0) else {**vector, writer: seq}


def lacking_all(vector: Vector, other: Vector) -> Vector:
    """Ask for everything."""
    return other


def lacking_nothing(vector: Vector, other: Vector) -> Vector:
    """Ask for nothing."""
    return {}


def always_sound(vector: Vector) -> bool:
    """Take everything for sound."""
    return True


def add_three_marks(bloom: Bloom, number: int) -> Bloom:
    """Leave the last mark out, in small filters."""
    if bloom.size_bits != SMALL_BITS:
        return bloom_add(bloom, number)
    marks = marks_of(number, SMALL_BITS)
    bits = with_bit(with_bit(bloom.bits, marks.first), marks.second)
    return Bloom(SMALL_BITS, with_bit(bits, marks.third))


def add_alone(bloom: Bloom, number: int) -> Bloom:
    """Forget other members, in small filters."""
    if bloom.size_bits != SMALL_BITS:
        return bloom_add(bloom, number)
    return bloom_add(empty_bloom(SMALL_BITS), number)


def may_have_by_one(bloom: Bloom, number: int) -> bool:
    """Ask for one mark, in small filters."""
    if bloom.size_bits != SMALL_BITS:
        return bloom_may_have(bloom, number)
    return has_bit(bloom.bits, marks_of(number, SMALL_BITS).first)


def join_of_any_size(a: Bloom, b: Bloom) -> Bloom:
    """Unite filters that do not fit."""
    return a


def marks_unreduced(number: int, size_bits: int) -> Marks:
    """Forget the size."""
    return Marks(number % MARK_SPAN, 0, 0, 0)


def never_empty(size_bits: int) -> Bloom:
    """Begin with a member."""
    return Bloom(size_bits, with_bit(no_bits(), 0))


def hardly_full() -> Bloom:
    """Begin without members."""
    return Bloom(1, no_bits())


# -- the laws, as they ship

theorem("SYN-16", about=[is_concurrent], sabotage={is_concurrent: concurrent_one_way})(
    laws.concurrent_is_neither
)
theorem("SYN-17", about=[covers], sabotage={vector_join: vector_join_first})(laws.below_covers_less)
theorem("SYN-17", about=[advance, is_sound], sabotage={advance: advance_anyway})(
    laws.only_the_next_is_counted
)
theorem("SYN-17", about=[lacking], sabotage={lacking: lacking_nothing})(laws.what_lacks_makes_up)
theorem("SYN-17", about=[covers], sabotage={covers: covers_without_number})(
    laws.no_number_is_never_covered
)
theorem("SYN-18", about=[bloom_add, bloom_may_have], sabotage={bloom_add: add_three_marks})(
    bloom_laws.added_is_found
)
theorem("SYN-18", about=[bloom_add, bloom_may_have], sabotage={bloom_add: add_alone})(
    bloom_laws.found_stays_found
)
theorem("SYN-18", about=[empty_bloom], sabotage={empty_bloom: never_empty})(
    bloom_laws.empty_has_nothing
)
theorem("SYN-18", about=[marks_of], sabotage={marks_of: marks_unreduced})(bloom_laws.marks_fit)
theorem("SYN-19", about=[bloom_join], sabotage={bloom_join: join_of_any_size})(
    bloom_laws.union_finds_what_either_finds
)
theorem("SYN-19", about=[bloom_join], sabotage={bloom_join: join_of_any_size})(
    bloom_laws.union_is_a_join
)
theorem("SYN-19", about=[full_bloom], sabotage={full_bloom: hardly_full})(
    bloom_laws.full_has_everything
)

# -- hypotheses


def fits(a: Bloom, b: Bloom) -> bool:
    """Tell that two filters have one size."""
    return a.size_bits == b.size_bits


def is_natural(number: int, size_bits: int) -> bool:
    """Tell that a number and a size are what hashes and filters have."""
    return number >= 0 and size_bits >= 1


# -- vectors


@theorem("SYN-17", about=[covers], sabotage={covers: covers_below})
def covers_is_exact(vector: Vector, writer: bytes, seq: int) -> bool:
    """Covered are the numbers from 1 up to the writer's, that one included."""
    known = vector.get(writer)
    return covers(vector, writer, seq) == (known is not None and seq > 0 and seq <= known)


@theorem("SYN-17", about=[advance], sabotage={advance: advance_anyway})
def advance_is_exact(vector: Vector, writer: bytes, seq: int, other: bytes) -> bool:
    """The next batch of a writer, and no other, raises that writer's number, and no other's."""
    known = vector.get(writer)
    is_next = seq == (1 if known is None else known + 1)
    wanted = seq if is_next and other == writer else vector.get(other)
    return advance(vector, writer, seq).get(other) == wanted


@theorem("SYN-17", about=[lacking], sabotage={lacking: lacking_all})
def lacking_is_exact(a: Vector, b: Vector, writer: bytes) -> bool:
    """What is asked for is each number that is greater there than here, with zero for none."""
    here, there = a.get(writer), b.get(writer)
    is_more = there is not None and there > (0 if here is None else here)
    return lacking(a, b).get(writer) == (there if is_more else None)


@theorem("SYN-17", about=[is_sound], sabotage={is_sound: always_sound})
def vector_soundness_is_exact(writer: bytes, seq: int) -> bool:
    """A vector is sound exactly where its numbers begin at 1."""
    return is_sound({writer: seq}) == (seq > 0) and is_sound({})


@theorem("SYN-16", about=[is_concurrent], sabotage={is_concurrent: concurrent_one_way})
def concurrent_is_exact(a: Vector, b: Vector) -> bool:
    """Two vectors are concurrent exactly where neither is below the other."""
    return is_concurrent(a, b) == (not (vector_le(a, b) or vector_le(b, a)))


# -- filters


@theorem("SYN-18", about=[marks_of], given=is_natural, sabotage={marks_of: marks_unreduced})
def marks_are_the_pieces(number: int, size_bits: int) -> bool:
    """The marks are the four lowest 32-bit pieces of the number, modulo the size."""
    marks = marks_of(number, size_bits)
    second = number // 4294967296
    third = second // 4294967296
    fourth = third // 4294967296
    return (
        marks.first == number % 4294967296 % size_bits
        and marks.second == second % 4294967296 % size_bits
        and marks.third == third % 4294967296 % size_bits
        and marks.fourth == fourth % 4294967296 % size_bits
    )


@theorem("SYN-18", about=[marks_of], sabotage={marks_of: marks_unreduced})
def filters_without_size_have_one_place(number: int) -> bool:
    """In a filter whose size makes no sense all marks are at zero."""
    return marks_of(number, 0) == Marks(0, 0, 0, 0) == marks_of(number, -1)


@theorem("SYN-18", about=[bloom_add], sabotage={bloom_add: add_three_marks})
def bloom_add_is_exact(bloom: Bloom, number: int, at: int) -> bool:
    """To add a member sets its four marks, and nothing else."""
    marks = marks_of(number, bloom.size_bits)
    after = bloom_add(bloom, number)
    is_mark = at in (marks.first, marks.second, marks.third, marks.fourth)
    if at < 0:
        return True
    is_set = has_bit(after.bits, at) == (is_mark or has_bit(bloom.bits, at))
    return is_set and after.size_bits == bloom.size_bits


@theorem("SYN-18", about=[bloom_may_have], sabotage={bloom_may_have: may_have_by_one})
def bloom_may_have_is_exact(size_bits: int, bits: Bits, number: int) -> bool:
    """Something may be a member exactly where none of its marks is missing."""
    marks = marks_of(number, size_bits)
    lacks_low = not has_bit(bits, marks.first) or not has_bit(bits, marks.second)
    lacks_high = not has_bit(bits, marks.third) or not has_bit(bits, marks.fourth)
    return bloom_may_have(Bloom(size_bits, bits), number) == (not (lacks_low or lacks_high))


@theorem("SYN-19", about=[bloom_join], given=fits, sabotage={bloom_join: join_of_any_size})
def union_is_exact(a: Bloom, b: Bloom, at: int) -> bool:
    """The union of two filters of one size has the places of both, and the size."""
    joined = bloom_join(a, b)
    if at < 0:
        return joined.size_bits == b.size_bits
    is_either = has_bit(a.bits, at) or has_bit(b.bits, at)
    return joined.size_bits == a.size_bits and has_bit(joined.bits, at) == is_either


@theorem("SYN-19", about=[bloom_join], sabotage={bloom_join: join_of_any_size})
def filters_that_do_not_fit_say_yes(a: Bloom, b: Bloom) -> bool:
    """Of two filters that do not fit the union is the filter of one bit, which is set."""
    return a.size_bits == b.size_bits or bloom_join(a, b) == full_bloom()


@theorem("SYN-18", about=[empty_bloom, full_bloom], sabotage={empty_bloom: never_empty})
def empty_and_full_are_exact(size_bits: int) -> bool:
    """An empty filter has no bit; the full one has one bit, and it is set."""
    full = full_bloom()
    is_full = full.size_bits == 1 and full.bits == with_bit(no_bits(), 0)
    return empty_bloom(size_bits) == Bloom(size_bits, no_bits()) and is_full


# -- what must not hold


@theorem("SYN-18", about=[bloom_add, bloom_may_have], refuted=True)
def filters_are_never_wrong(number: int, other: int) -> bool:
    """What may be a member is one: false, two may have the same marks."""
    bloom = bloom_add(empty_bloom(SMALL_BITS), number)
    return not bloom_may_have(bloom, other) or number == other


@theorem("SYN-19", about=[], refuted=True)
def filters_of_two_sizes_unite(one: Bits, two: Bits, number: int) -> bool:
    """Of two sizes one filter will do: false, members of the other would be denied."""
    a, b = Bloom(SMALL_BITS, one), Bloom(SMALL_BITS + 1, two)
    return bloom_may_have(join_of_any_size(a, b), number) or not bloom_may_have(b, number)


@theorem("SYN-17", about=[], refuted=True)
def gaps_can_be_jumped(vector: Vector, writer: bytes, seq: int, at: int) -> bool:
    """A batch may be counted before those in front of it: false, they would never be asked for."""
    after = advance_anyway(vector, writer, seq)
    return not covers(after, writer, at) or covers(vector, writer, at) or at == seq


@theorem("SYN-16", about=[is_concurrent], refuted=True)
def concurrency_is_transitive(a: Vector, b: Vector, c: Vector) -> bool:
    """What is concurrent with the same is concurrent: false, the two may be in line."""
    return not (is_concurrent(a, b) and is_concurrent(b, c)) or is_concurrent(a, c)
