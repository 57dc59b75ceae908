"""ISO BMFF read and written as far as the sample media needs it (standard library only)."""

import struct
from dataclasses import dataclass

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf", b"edts", b"dinf", b"udta"}
SYNC, NOT_SYNC = 0x02000000, 0x01010000


@dataclass
class Sample:
    data: bytes
    duration: int
    flags: int
    offset: int  # composition offset

    @property
    def sync(self):
        return not self.flags & 0x10000


def boxes(data, start=0, end=None):
    """(kind, start of box, start of payload, end) of the boxes between two places."""
    end = len(data) if end is None else end
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, start + 8)[0], 16
        if size < head or start + size > end:
            raise ValueError(f"box {kind!r} at {start} has the size {size}")
        yield kind, start, start + head, start + size
        start += size


def find(data, path, start=0, end=None):
    """The payload of the first box at `path`, as (start, end), or None."""
    for kind, _, inner, stop in boxes(data, start, end):
        if kind == path[0]:
            return (inner, stop) if len(path) == 1 else find(data, path[1:], inner, stop)
    return None


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind, version, flags, *parts):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def without(data, start, end, unwanted):
    """The boxes between two places, those of the kinds in `unwanted` left out at every level."""
    kept = []
    for kind, at, inner, stop in boxes(data, start, end):
        if kind in unwanted:
            continue
        kept.append(box(kind, without(data, inner, stop, unwanted)) if kind in CONTAINERS else data[at:stop])
    return b"".join(kept)


def fragment(data, at, inner, stop):
    """(sequence, decode time, tfdt version, samples) of a moof with one traf."""
    sequence = struct.unpack_from(">I", data, find(data, [b"mfhd"], inner, stop)[0] + 4)[0]
    trafs = [b for b in boxes(data, inner, stop) if b[0] == b"traf"]
    if len(trafs) != 1:
        raise ValueError(f"{len(trafs)} traf boxes in a moof")
    _, _, t0, t1 = trafs[0]
    place = find(data, [b"tfhd"], t0, t1)[0]
    flags = struct.unpack_from(">I", data, place)[0] & 0xFFFFFF
    place += 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
    defaults = {}
    for bit in (0x8, 0x10, 0x20):
        if flags & bit:
            defaults[bit] = struct.unpack_from(">I", data, place)[0]
            place += 4
    place = find(data, [b"tfdt"], t0, t1)[0]
    version = data[place]
    time = struct.unpack_from(">Q" if version else ">I", data, place + 4)[0]
    samples = []
    for kind, _, r0, _ in boxes(data, t0, t1):
        if kind == b"trun":
            samples += run(data, r0, at, defaults)
    return sequence, time, version, samples


def run(data, place, moof, defaults):
    word, count = struct.unpack_from(">II", data, place)
    flags = word & 0xFFFFFF
    place += 8
    where, first = None, None
    if flags & 1:
        where = moof + struct.unpack_from(">i", data, place)[0]
        place += 4
    if flags & 4:
        first = struct.unpack_from(">I", data, place)[0]
        place += 4
    samples = []
    for i in range(count):
        values = {0x100: defaults.get(0x8), 0x200: defaults.get(0x10), 0x400: defaults.get(0x20), 0x800: 0}
        for bit in values:
            if flags & bit:
                values[bit] = struct.unpack_from(">i" if bit == 0x800 else ">I", data, place)[0]
                place += 4
        mark = first if i == 0 and first is not None else values[0x400]
        samples.append(Sample(data[where:where + values[0x200]], values[0x100], mark or 0, values[0x800]))
        where += values[0x200]
    return samples


def fragments(data):
    """Every fragment of a file, with the bytes it takes: (sequence, time, version, samples, size)."""
    top = list(boxes(data))
    for n, (kind, at, inner, stop) in enumerate(top):
        if kind == b"moof":
            yield (*fragment(data, at, inner, stop), top[n + 1][3] - at)


def write_fragment(sequence, time, samples, video):
    """A moof with one traf (64-bit tfdt) and its mdat."""
    duration = samples[0].duration
    rest = NOT_SYNC if video else SYNC
    tfhd = full(b"tfhd", 0, 0x020028, struct.pack(">III", 1, duration, rest))
    tfdt = full(b"tfdt", 1, 0, struct.pack(">Q", time))
    sizes = b"".join(struct.pack(">I", len(s.data)) for s in samples)
    first = struct.pack(">I", SYNC) if video else b""
    length = 8 + 16 + 8 + len(tfhd) + len(tfdt) + 8 + 12 + len(first) + len(sizes)
    trun = full(b"trun", 0, 0x205 if video else 0x201, struct.pack(">Ii", len(samples), length + 8), first, sizes)
    moof = box(b"moof", full(b"mfhd", 0, 0, struct.pack(">I", sequence)), box(b"traf", tfhd, tfdt, trun))
    assert len(moof) == length
    return moof + box(b"mdat", *(s.data for s in samples))
