"""Renders a scene: raw RGB frames on stdout for ffmpeg, or stills as PNG.

    render.py film ID [--size 1920x1080] [--frames A:B]     raw rgb24 on stdout
    render.py still ID OUT.png [--size WxH] [--time S] [--middle X]
    render.py poster|hero ID OUT.png                        supersampled art
"""

import argparse
import importlib
import multiprocessing
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from PIL import Image

from canvas import FPS, FRAMES, View, dither, to_bytes

STATE = {}


def load(title):
    return importlib.import_module(f"scenes.{title}")


def prepare(title, width, height):
    STATE["scene"] = load(title).Scene(View(width, height))
    STATE["grain"] = dither(height, width)


def one(number):
    img = STATE["scene"].frame(number / FPS)
    return to_bytes(img, STATE["grain"]).tobytes()


def film(title, width, height, first, last, jobs):
    with multiprocessing.Pool(jobs, prepare, (title, width, height)) as pool:
        for done, data in enumerate(pool.imap(one, range(first, last), chunksize=2), first + 1):
            sys.stdout.buffer.write(data)
            if done % 50 == 0:
                print(f"{title}: {done}/{last} frames", file=sys.stderr, flush=True)


def still(title, width, height, time, middle, letters=False, adjust=None):
    module = load(title)
    view = View(width, height, middle)
    scene = module.Scene(view)
    for name, value in (adjust or {}).items():
        setattr(scene, name, value)
    img = scene.frame(time)
    if letters:
        img = np.clip(img, 0, 1)
        module.letter(img, view)
    return Image.fromarray(to_bytes(img, dither(height, width)))


def main():
    args = argparse.ArgumentParser()
    args.add_argument("kind", choices=["film", "still", "poster", "hero"])
    args.add_argument("title")
    args.add_argument("out", nargs="?")
    args.add_argument("--size", default="1920x1080")
    args.add_argument("--frames", default=f"0:{FRAMES}")
    args.add_argument("--time", type=float, default=0.0)
    args.add_argument("--middle", type=float, default=0.0)
    args.add_argument("--jobs", type=int, default=2)
    a = args.parse_args()
    width, height = map(int, a.size.split("x"))
    if a.kind == "film":
        first, last = map(int, a.frames.split(":"))
        film(a.title, width, height, first, last, a.jobs)
    elif a.kind == "still":
        still(a.title, width, height, a.time, a.middle).save(a.out)
    elif a.kind == "poster":
        p = load(a.title).POSTER
        still(a.title, 1200, 1800, p["time"], p["middle"], True, p.get("adjust")).save(a.out)
    else:
        p = load(a.title).HERO
        still(a.title, 1920, 1080, p["time"], p["middle"]).save(a.out)


if __name__ == "__main__":
    main()
