"""Writes what is text about a title: the WebVTT files and, once the media is there, title.json.

    describe.py captions ID FOLDER
    describe.py title ID FOLDER
"""

import json
import sys
from pathlib import Path

import fmp4
from titles import LADDER, LANGUAGES, LOOP_MS, TITLES, VP9_LADDER


def stamp(seconds):
    ms = round(seconds * 1000)
    return f"{ms // 3600000:02}:{ms // 60000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def captions(title, folder):
    info = TITLES[title]
    lines = info["lines"]
    for language in info["languages"]:
        out = ["WEBVTT", ""]
        for n, (start, end, speaker, settings, texts) in enumerate(lines):
            # Cues meet, so that the whole loop is covered.
            start = 0 if n == 0 else start
            end = LOOP_MS / 1000 if n + 1 == len(lines) else lines[n + 1][0]
            text = texts[language]
            body = f"<v {speaker}>{text}" if speaker else f"<i>({text})</i>"
            out += [f"{stamp(start)} --> {stamp(end)} {settings}".rstrip(), body, ""]
        (folder / f"text-{language}.vtt").write_text("\n".join(out), encoding="utf-8")


def entry_box(data, path):
    """The payload of a box inside the first sample entry."""
    start, end = fmp4.find(data, [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"])
    kind, _, inner, stop = next(fmp4.boxes(data, start + 8, end))
    children = inner + (78 if kind in (b"avc1", b"vp09") else 28)
    place = fmp4.find(data, [path], children, stop)
    return kind, data[place[0]:place[1]]


def codec(data):
    """The codecs string of RFC 6381, from the sample entry."""
    if b"avcC" in data[:4096]:
        _, record = entry_box(data, b"avcC")
        return f"avc1.{record[1]:02x}{record[2]:02x}{record[3]:02x}"
    if b"vpcC" in data[:4096]:
        _, record = entry_box(data, b"vpcC")
        return f"vp09.{record[4]:02}.{record[5]:02}.{record[6] >> 4:02}"
    return "opus" if b"Opus" in data[:4096] else "mp4a.40.2"


def rates(data):
    """(peak, average) bits a second: the largest fragment over its own duration, and all over the loop."""
    start, _ = fmp4.find(data, [b"moov", b"trak", b"mdia", b"mdhd"])
    scale = int.from_bytes(data[start + 12:start + 16], "big")
    peak, total = 0, 0
    for _, _, _, samples, size in fmp4.fragments(data):
        length = sum(s.duration for s in samples) / scale
        peak = max(peak, size * 8 / length)
        total += size
    return -(-int(peak) // 100) * 100, round(total * 8000 / LOOP_MS)


def track(folder, name, **more):
    data = (folder / name).read_bytes()
    peak, average = rates(data)
    return {"file": name, "codec": codec(data), **more, "bitrate": peak, "average_bitrate": average}


def video(folder, name, width, height):
    return track(folder, name, width=width, height=height, frame_rate=25)


def audio(folder, name, language):
    return track(folder, name, lang=language, label=LANGUAGES[language]["label"], channels=2, sample_rate=48000, role="main")


def describe(title, folder):
    info = TITLES[title]
    languages = info["languages"]
    videos = [video(folder, f"video-avc-{h}p.mp4", w, h) for h, w, _ in LADDER]
    audios = [audio(folder, f"audio-{code}.mp4", code) for code in languages]
    if info["vp9"]:
        videos += [video(folder, f"video-vp9-{h}p.mp4", w, h) for h, w, _ in VP9_LADDER]
        audios += [audio(folder, f"audio-opus-{code}.mp4", code) for code in languages]
    out = {"id": title, **{k: info[k] for k in ("title", "tagline", "synopsis", "year", "genres", "rating")},
           "loop_ms": LOOP_MS, "duration_ms": info["duration_ms"], "video": videos, "audio": audios,
           "text": [{"file": f"text-{code}.vtt", "lang": code, "label": LANGUAGES[code]["label"]} for code in languages],
           "thumbnails": {"file": "thumbs.jpg", "columns": 4, "rows": 4, "tile_width": 160, "tile_height": 90, "interval_ms": 1000},
           "posters": [{"file": f"poster-{w}.webp", "width": w, "height": w * 3 // 2} for w in (300, 600)],
           "heroes": [{"file": f"hero-{w}.webp", "width": w, "height": w * 9 // 16} for w in (800, 1600)],
           "accent": info["accent"]}
    (folder / "title.json").write_text(json.dumps(out, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    work, name, where = sys.argv[1:]
    {"captions": captions, "title": describe}[work](name, Path(where))
