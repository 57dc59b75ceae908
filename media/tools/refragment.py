"""Cuts one loop out of a fragmented file of ffmpeg's and writes it in eight fragments from decode time 0.

    refragment.py IN OUT --count FRAMES [--skip FRAMES]

Sound is encoded as three loops in a row and the middle one is kept: no encoder
delay at the start, and the end leads seamlessly into the beginning. Edit lists
go, so that media time is presentation time.
"""

import argparse
import sys

import fmp4

FRAGMENTS = 8


def main():
    args = argparse.ArgumentParser()
    args.add_argument("source")
    args.add_argument("target")
    args.add_argument("--skip", type=int, default=0)
    args.add_argument("--count", type=int, required=True)
    a = args.parse_args()
    with open(a.source, "rb") as file:
        data = file.read()
    samples = [s for _, _, _, some, _ in fmp4.fragments(data) for s in some][a.skip:a.skip + a.count]
    if len(samples) != a.count:
        sys.exit(f"{a.source}: {len(samples)} frames, {a.count} wanted")
    if any(s.offset for s in samples):
        sys.exit(f"{a.source}: frames are reordered")
    ftyp = fmp4.box(b"ftyp", b"iso6", b"\0\0\2\0", b"iso6", b"mp41", b"dash")
    start, end = fmp4.find(data, [b"moov"])
    video = b"vide" in data[start:end]
    lengths = {s.duration for s in samples[:-1]}
    if len(lengths) != 1:
        sys.exit(f"{a.source}: frame durations {lengths}")
    samples[-1].duration = samples[0].duration
    out = [ftyp, fmp4.box(b"moov", fmp4.without(data, start, end, {b"edts", b"udta", b"sgpd", b"sbgp"}))]
    edges = [-(-k * a.count // FRAGMENTS) for k in range(FRAGMENTS + 1)]
    for k in range(FRAGMENTS):
        part = samples[edges[k]:edges[k + 1]]
        if not part[0].sync:
            sys.exit(f"{a.source}: fragment {k + 1} does not begin with a key frame")
        out.append(fmp4.write_fragment(k + 1, edges[k] * samples[0].duration, part, video))
    with open(a.target, "wb") as file:
        file.write(b"".join(out))


if __name__ == "__main__":
    main()
