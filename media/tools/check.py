"""Checks the sample media against what the backend relies on; exits with 1 when something is wrong.

    check.py [MEDIA_FOLDER [ID …]]
"""

import json
import re
import struct
import sys
from pathlib import Path

import fmp4
from describe import codec, rates

BUDGET = 21_000_000
LIMITS = {"poster-300.webp": 60_000, "poster-600.webp": 60_000, "hero-800.webp": 120_000, "hero-1600.webp": 120_000, "thumbs.jpg": 120_000}
FAULTS = []


def need(true, where, what):
    if not true:
        FAULTS.append(f"{where}: {what}")


def media(path, kind, loop_ms):
    """Boxes, times, key frames; returns the fragments' boundaries in seconds."""
    data = path.read_bytes()
    top = [b[0] for b in fmp4.boxes(data)]
    need(top == [b"ftyp", b"moov"] + [b"moof", b"mdat"] * 8, path, f"top level boxes {top}")
    start, end = fmp4.find(data, [b"moov"])
    need(fmp4.find(data, [b"trak", b"edts"], start, end) is None, path, "has an edit list")
    need(sum(b[0] == b"trak" for b in fmp4.boxes(data, start, end)) == 1, path, "not exactly one track")
    place = fmp4.find(data, [b"moov", b"trak", b"mdia", b"mdhd"])[0]
    need(data[place] == 0, path, "mdhd is not version 0")
    scale = struct.unpack_from(">I", data, place + 12)[0]
    clock, count, edges = 0, 0, []
    frame = None
    for n, (sequence, time, version, samples, _) in enumerate(fmp4.fragments(data), 1):
        need(sequence == n, path, f"fragment {n} has the sequence number {sequence}")
        need(version == 1, path, f"fragment {n}: tfdt version {version}")
        need(time == clock, path, f"fragment {n}: decode time {time}, expected {clock}")
        need(samples[0].sync, path, f"fragment {n} does not begin with a key frame")
        need(all(s.offset == 0 for s in samples), path, f"fragment {n} has composition offsets")
        if kind == "video":
            need(len(samples) == 50, path, f"fragment {n} has {len(samples)} frames")
            need(not any(s.sync for s in samples[1:]), path, f"fragment {n} has a second key frame")
        edges.append(time / scale)
        need(abs(time / scale - 2 * (n - 1)) < 0.0225, path, f"fragment {n} begins at {time / scale:.3f} s")
        frame = frame or samples[0].duration
        need(all(s.duration == frame for s in samples), path, f"fragment {n} has uneven frames")
        clock += sum(s.duration for s in samples)
        count += len(samples)
    need(clock * 1000 == loop_ms * scale, path, f"lasts {clock / scale:.6f} s")
    wanted = {"video": (400, scale // 25), "opus": (800, 960), "mp4a.40.2": (750, 1024)}["video" if kind == "video" else codec(data)]
    need((count, frame) == wanted, path, f"{count} frames of {frame}, expected {wanted}")
    if kind == "audio":
        need(scale == 48000, path, f"time scale {scale}")
    return edges


def tracks(folder, info):
    for kind in ("video", "audio"):
        for entry in info[kind]:
            path = folder / entry["file"]
            if not path.is_file():
                need(False, path, "is missing")
                continue
            media(path, kind, info["loop_ms"])
            data = path.read_bytes()
            need(codec(data) == entry["codec"], path, f"codec {codec(data)}, title.json says {entry['codec']}")
            need(rates(data) == (entry["bitrate"], entry["average_bitrate"]), path, f"bit rates {rates(data)} differ from title.json")
            if kind == "video":
                size = struct.unpack(">II", sample_size(data))
                need((size[0] >> 16, size[1] >> 16) == (entry["width"], entry["height"]), path, "tkhd has another size")
    for family in ("avc1", "vp09"):
        ladder = [v for v in info["video"] if v["codec"].startswith(family)]
        for low, high in zip(ladder, ladder[1:]):
            need(high["bitrate"] > 1.3 * low["bitrate"] and high["average_bitrate"] > 1.3 * low["average_bitrate"],
                 folder / high["file"], f"too close to {low['file']} in bit rate")


def sample_size(data):
    _, end = fmp4.find(data, [b"moov", b"trak", b"tkhd"])
    return data[end - 8:end]


def captions(folder, info):
    for entry in info["text"]:
        path = folder / entry["file"]
        text = path.read_text(encoding="utf-8")
        need(text.startswith("WEBVTT\n\n"), path, "does not begin as WebVTT")
        cues = [[int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in re.findall(r"(\d\d):(\d\d):(\d\d\.\d{3})", line)]
                for line in text.splitlines() if "-->" in line]
        need(cues and cues[0][0] == 0 and cues[-1][1] * 1000 == info["loop_ms"], path, "does not cover the loop")
        need(all(a < b for a, b in cues), path, "has an empty cue")
        need(all(a[1] == b[0] for a, b in zip(cues, cues[1:])), path, "cues do not meet")


def picture_size(path):
    data = path.read_bytes()
    if data[:4] == b"RIFF" and data[12:16] == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    place = 2
    while data[:2] == b"\xff\xd8" and place + 9 < len(data):
        mark, size = struct.unpack_from(">HH", data, place)
        if 0xFFC0 <= mark <= 0xFFC3:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        place += 2 + size
    return None


def pictures(folder, info):
    t = info["thumbnails"]
    need(t["columns"] * t["rows"] * t["interval_ms"] == info["loop_ms"], folder, "the thumbnails do not cover the loop")
    sheet = {"file": t["file"], "width": t["columns"] * t["tile_width"], "height": t["rows"] * t["tile_height"]}
    for entry in [sheet] + info["posters"] + info["heroes"]:
        path = folder / entry["file"]
        if not path.is_file():
            need(False, path, "is missing")
            continue
        need(picture_size(path) == (entry["width"], entry["height"]), path, f"is {picture_size(path)}")
        need(path.stat().st_size <= LIMITS[entry["file"]], path, f"takes {path.stat().st_size} bytes")


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    folders = [root / name for name in sys.argv[2:]] or sorted(p.parent for p in root.glob("*/title.json"))
    need(folders, root, "has no titles")
    for folder in folders:
        info = json.loads((folder / "title.json").read_text(encoding="utf-8"))
        need(info["id"] == folder.name, folder, "title.json has another id")
        tracks(folder, info)
        captions(folder, info)
        pictures(folder, info)
        named = {e["file"] for k in ("video", "audio", "text", "posters", "heroes") for e in info[k]} | {"thumbs.jpg", "title.json"}
        for path in folder.iterdir():
            need(path.name in named, path, "is not named in title.json")
        size = sum(p.stat().st_size for p in folder.iterdir())
        print(f"{folder.name}: {size / 1e6:.2f} MB; video " + ", ".join(
            f"{v['height']}p{'' if v['codec'].startswith('avc') else ' vp9'} {v['average_bitrate'] // 1000}/{v['bitrate'] // 1000}" for v in info["video"])
            + " kbit/s average/peak")
    total = sum(p.stat().st_size for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    need(total <= BUDGET, root, f"takes {total} bytes, the budget is {BUDGET}")
    print(f"in all: {total / 1e6:.2f} MB of {BUDGET / 1e6:.0f}")
    for fault in FAULTS:
        print(f"FAULT {fault}", file=sys.stderr)
    sys.exit(1 if FAULTS else 0)


if __name__ == "__main__":
    main()
