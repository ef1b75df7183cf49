"""Numbers for texts and bytes, and texts and bytes for numbers, both keeping the order."""

from collections.abc import Sequence
from typing import Final

from loomweave_proofs.sorts import NoSort, OpaqueShape, opaque

TEXT_LENGTH_MAX: Final = 48
"""Longest text constant that code under proof may name."""
TEXT_BASE: Final = 0x110001
BYTES_BASE: Final = 257


def digits_rank(digits: Sequence[int], base: int, length: int) -> int:
    """Number a sequence of small integers so that lexicographic order is kept."""
    if len(digits) > length:
        raise NoSort(f"a constant longer than {length}")
    number = 0
    for at in range(length):
        number = number * base + (digits[at] + 1 if at < len(digits) else 0)
    return number


def floor_digits(number: int, base: int, length: int) -> list[int]:
    """Find the greatest sequence whose number is not above the given one."""
    digits: list[int] = []
    for at in range(length):
        digit = number // base ** (length - 1 - at) % base
        if digit == 0:
            break
        digits.append(digit - 1)
    return digits


def text_rank(value: object) -> int:
    """Number a text by its code points."""
    if not isinstance(value, str):
        raise NoSort(f"no text: {value!r}")
    return digits_rank([ord(character) for character in value], TEXT_BASE, TEXT_LENGTH_MAX)


def text_choice(numbers: Sequence[int]) -> Sequence[object]:
    """Find texts for ascending numbers: constants where they are meant, names between them."""
    least_constant = TEXT_BASE ** (TEXT_LENGTH_MAX - 1)
    is_bare = not numbers or numbers[-1] < least_constant
    texts: list[object] = []
    for at, number in enumerate(numbers):
        prefix = ""
        if at == 0 and number == 0:  # nothing is below the empty text
            texts.append(prefix)
            continue
        if number >= least_constant:
            digits = floor_digits(number, TEXT_BASE, TEXT_LENGTH_MAX)
            prefix = "".join(chr(digit) for digit in digits)
            if text_rank(prefix) == number:
                texts.append(prefix)
                continue
        texts.append(f"{prefix}{'t' if is_bare else chr(1)}{at:04d}")
    return texts


def bytes_rank(value: object) -> int:
    """Number bytes in their order."""
    if not isinstance(value, bytes):
        raise NoSort(f"no bytes: {value!r}")
    return digits_rank(list(value), BYTES_BASE, TEXT_LENGTH_MAX)


def bytes_choice(numbers: Sequence[int]) -> Sequence[object]:
    """Find bytes for ascending numbers."""
    is_bounded = bool(numbers) and numbers[0] == 0  # nothing is below the empty bytes
    return [b"" if is_bounded and at == 0 else f"b{at:04d}".encode() for at in range(len(numbers))]


TEXT: Final[OpaqueShape] = opaque("str", rank=text_rank, choose=text_choice, has_least=True)
BYTES: Final[OpaqueShape] = opaque("bytes", rank=bytes_rank, choose=bytes_choice, has_least=True)
