"""A QR code as SVG: ISO/IEC 18004, bytes, error correction M, versions 1 to 10."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

from markupsafe import escape

# By version: error-correction codewords of a block, then (blocks, data codewords of each).
BLOCKS = (
    (10, ((1, 16),)),
    (16, ((1, 28),)),
    (26, ((1, 44),)),
    (18, ((2, 32),)),
    (24, ((2, 43),)),
    (16, ((4, 27),)),
    (18, ((4, 31),)),
    (22, ((2, 38), (2, 39))),
    (22, ((3, 36), (2, 37))),
    (26, ((4, 43), (1, 44))),
)
ALIGNMENT = ((), (6, 18), (6, 22), (6, 26), (6, 30), (6, 34), (6, 22, 38), (6, 24, 42), (6, 26, 46), (6, 28, 50))
MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)
QUIET = 4  # modules of white around the code
FINDER = (True, False, True, True, True, False, True)
Grid = list[list[bool | None]]


def svg(text: str, title: str, pixels: int = 200) -> str:
    """The code of a text; ValueError when it does not fit."""
    rows = modules(text)
    side = len(rows) + 2 * QUIET
    dark = "".join(f"M{x + QUIET} {y + QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, on in enumerate(row) if on)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{pixels}" height="{pixels}" '
        f'role="img" aria-label="{escape(title)}" shape-rendering="crispEdges">'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{dark}" fill="#000"/></svg>'
    )


def modules(text: str) -> list[list[bool]]:
    """The dark and light modules of a code, row by row, without the white around it."""
    data = text.encode()
    version = _version(len(data))
    bits = list(_bits(_codewords(data, version)))
    drawn = []
    for number in range(len(MASKS)):
        grid = _frame(version, number)
        _fill(grid, bits, number)
        drawn.append([[bool(cell) for cell in row] for row in grid])
    return min(drawn, key=_penalty)


def _capacity(version: int) -> int:
    """Data codewords of a version."""
    return sum(count * size for count, size in BLOCKS[version - 1][1])


def _version(length: int) -> int:
    for version in range(1, len(BLOCKS) + 1):
        if 4 + _count_bits(version) + 8 * length <= 8 * _capacity(version):
            return version
    raise ValueError(f"{length} bytes do not fit into a QR code of version {len(BLOCKS)}")


def _count_bits(version: int) -> int:
    return 8 if version < 10 else 16


def _codewords(data: bytes, version: int) -> list[int]:
    """Data and error correction, the blocks interleaved."""
    room = _capacity(version) * 8
    stream = "0100" + format(len(data), f"0{_count_bits(version)}b") + "".join(format(byte, "08b") for byte in data)
    stream += "0" * min(4, room - len(stream))
    stream += "0" * (-len(stream) % 8)
    words = [int(stream[start : start + 8], 2) for start in range(0, len(stream), 8)]
    words += [(0xEC, 0x11)[place % 2] for place in range(_capacity(version) - len(words))]
    extra, groups = BLOCKS[version - 1]
    blocks, start = [], 0
    for count, size in groups:
        for _ in range(count):
            blocks.append(words[start : start + size])
            start += size
    checks = [_remainder(block, extra) for block in blocks]
    longest = max(map(len, blocks))
    together = [block[place] for place in range(longest) for block in blocks if place < len(block)]
    return together + [check[place] for place in range(extra) for check in checks]


def _times(one: int, other: int) -> int:
    """The product in GF(256) over x⁸ + x⁴ + x³ + x² + 1."""
    found = 0
    while other:
        if other & 1:
            found ^= one
        one = one << 1 ^ (0x11D if one & 0x80 else 0)
        other >>= 1
    return found


def _remainder(block: list[int], count: int) -> list[int]:
    """The Reed–Solomon codewords of a block."""
    generator, root = [1], 1
    for _ in range(count):
        shifted = [*generator, 0]
        for place, factor in enumerate(generator):
            shifted[place + 1] ^= _times(factor, root)
        generator, root = shifted, _times(root, 2)
    rest = [*block, *[0] * count]
    for place in range(len(block)):
        lead = rest[place]
        for offset, factor in enumerate(generator):
            rest[place + offset] ^= _times(factor, lead)
    return rest[len(block) :]


def _bits(words: list[int]) -> Iterator[bool]:
    return (bool(word >> shift & 1) for word in words for shift in range(7, -1, -1))


def _frame(version: int, mask: int) -> Grid:
    """What does not depend on the data: finders, timing, alignment, format and version; None where data go."""
    size = 17 + 4 * version
    grid: Grid = [[None] * size for _ in range(size)]
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        for y, x in product(range(-1, 8), repeat=2):
            if 0 <= top + y < size and 0 <= left + x < size:
                inside = 0 <= y < 7 and 0 <= x < 7
                ring = max(abs(y - 3), abs(x - 3))
                grid[top + y][left + x] = inside and ring != 2
    for place in range(8, size - 8):
        grid[6][place] = grid[place][6] = place % 2 == 0
    for y, x in product(ALIGNMENT[version - 1], repeat=2):
        if grid[y][x] is None or (6 in (y, x) and 8 < max(y, x) < size - 8):
            for dy, dx in product(range(-2, 3), repeat=2):
                grid[y + dy][x + dx] = max(abs(dy), abs(dx)) != 1
    _write_format(grid, mask)
    if version >= 7:
        word = version << 12 | _bch(version << 12, 0x1F25, 13)
        for place in range(18):
            on = bool(word >> place & 1)
            grid[place // 3][size - 11 + place % 3] = grid[size - 11 + place % 3][place // 3] = on
    return grid


def _write_format(grid: Grid, mask: int) -> None:
    size = len(grid)
    word = (mask << 10 | _bch(mask << 10, 0x537, 11)) ^ 0x5412  # the two bits of level M are 00
    around = [(place, 8) for place in (0, 1, 2, 3, 4, 5, 7, 8)] + [(8, place) for place in (7, 5, 4, 3, 2, 1, 0)]
    apart = [(8, size - 1 - place) for place in range(8)] + [(size - 7 + place, 8) for place in range(7)]
    for place in range(15):
        for y, x in (around[place], apart[place]):
            grid[y][x] = bool(word >> place & 1)
    grid[size - 8][8] = True


def _bch(word: int, generator: int, length: int) -> int:
    """The remainder of a word by a generator of so many bits."""
    while word.bit_length() >= length:
        word ^= generator << word.bit_length() - length
    return word


def _fill(grid: Grid, bits: list[bool], mask: int) -> None:
    """Lay the bits in pairs of columns, upward and downward in turn, under a mask."""
    size, flow, hides = len(grid), iter(bits), MASKS[mask]
    right, upward = size - 1, True
    while right > 0:
        if right == 6:
            right -= 1  # the column of the timing pattern
        for y in range(size - 1, -1, -1) if upward else range(size):
            for x in (right, right - 1):
                if grid[y][x] is None:
                    grid[y][x] = next(flow, False) != hides(y, x)
        right, upward = right - 2, not upward


def _penalty(rows: list[list[bool]]) -> int:
    """How hard a code is to read: runs, blocks, patterns like a finder, and an uneven share of dark."""
    size, found = len(rows), 0
    for lines in (rows, [list(column) for column in zip(*rows, strict=True)]):
        for line in lines:
            run = 0
            for place, on in enumerate(line):
                run = run + 1 if place and on == line[place - 1] else 1
                found += 3 if run == 5 else 1 if run > 5 else 0
            for start in range(size - 6):
                if tuple(line[start : start + 7]) == FINDER:
                    before, after = line[max(start - 4, 0) : start], line[start + 7 : start + 11]
                    found += 40 * ((not any(before) and start >= 4) or (not any(after) and len(after) == 4))
    for y, x in product(range(size - 1), repeat=2):
        found += 3 * (rows[y][x] == rows[y][x + 1] == rows[y + 1][x] == rows[y + 1][x + 1])
    dark = sum(map(sum, rows)) * 100
    return found + 10 * (abs(dark - 50 * size * size) // (5 * size * size))
