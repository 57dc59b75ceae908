"""Paperbirds: folded cranes over cut-paper hills in the morning."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from canvas import (FRAMES, LOOP, TAU, blend_mask, disc, font, mix, ramp, rgb, roll_over, smooth,
                    text_mask, wave)

SKY = [(0, "#7fc4d6"), (260, "#b7dfdb"), (480, "#f4e8cf"), (640, "#fbd3b2"), (800, "#f6b59c")]
SUN = (300.0, 400.0)

# Of each hill, far to near: tile, units a frame, mean height, relief, top and foot colours, trees on the tile.
HILLS = [
    dict(tile=1600, step=4, base=700, relief=78, colours=("#e8a7a0", "#f0c4ae"), trees=0, seed=1),
    dict(tile=2000, step=5, base=770, relief=66, colours=("#c98aa0", "#dfa9a6"), trees=16, seed=2),
    dict(tile=2400, step=6, base=836, relief=62, colours=("#7f86b0", "#a79db8"), trees=22, seed=7),
    dict(tile=3200, step=8, base=912, relief=58, colours=("#4f8f9f", "#74aeb0"), trees=22, seed=4),
    dict(tile=4800, step=12, base=1010, relief=46, colours=("#2d6577", "#3f8088"), trees=20, seed=5),
]

# Each crane: place, size, beats a loop, phase, drift, colour.
FLOCK = [
    (330, 205, 52, 19, 0.10, 46, "#fff4e2"), (520, 300, 60, 18, 0.62, 40, "#ffd9a0"), (190, 330, 64, 17, 0.35, 44, "#ffffff"),
    (650, 190, 46, 20, 0.85, 50, "#f7a48b"), (-640, 250, 84, 16, 0.50, 50, "#f9c6c0"), (20, 560, 104, 15, 0.20, 36, "#8fd0d6"),
    (-250, 400, 215, 12, 0.0, 30, "#fff8ec"),
]

LIGHT = np.array([0.30, 0.62, -0.72]) / np.linalg.norm([0.30, 0.62, -0.72])


def crane(beat, lag):
    """The faces of a folded crane: x ahead, y up, z to its right; each with a shade offset."""
    faces = []
    for side in (-1, 1):
        ridge_f, ridge_r = (0.26, 0.13, 0.0), (-0.30, 0.13, 0.0)
        hip_f, hip_r = (0.20, 0.02, 0.10 * side), (-0.22, 0.02, 0.10 * side)
        keel = (0.0, -0.24, 0.0)
        faces += [((0.34, 0.02, 0), hip_f, keel), (hip_f, hip_r, keel), (hip_r, (-0.36, 0.02, 0), keel),
                  (ridge_f, hip_f, (0.34, 0.02, 0)), (ridge_r, hip_r, (-0.36, 0.02, 0)), (ridge_f, ridge_r, hip_r), (ridge_f, hip_r, hip_f)]
        inner, outer = beat, lag
        elbow = 0.52
        ey, ez = 0.10 + elbow * np.sin(inner), elbow * np.cos(inner) * side
        ty, tz = ey + 0.72 * np.sin(outer), ez + 0.72 * np.cos(outer) * side
        front, rear, mid = (0.24, ey, ez), (-0.26, ey - 0.02, ez), (0.02, ey + 0.05, ez)
        root = (0.0, 0.16, 0.02 * side)
        tip = (-0.16, ty, tz)
        faces += [(ridge_f, front, mid), (ridge_f, mid, root), (ridge_r, rear, mid), (ridge_r, mid, root),
                  (front, tip, mid), (rear, tip, mid)]
    neck_l, neck_r, head = (0.30, 0.06, -0.05), (0.30, 0.06, 0.05), (0.80, 0.44, 0.0)
    faces += [(neck_l, (0.34, -0.08, 0), head), (neck_r, (0.34, -0.08, 0), head), (neck_l, neck_r, head)]
    faces += [(head, (0.71, 0.33, 0.0), (1.02, 0.31, 0.0))]
    tail = (-0.98, 0.40, 0.0)
    faces += [((-0.30, 0.06, -0.06), (-0.34, -0.08, 0), tail), ((-0.30, 0.06, 0.06), (-0.34, -0.08, 0), tail),
              ((-0.30, 0.06, -0.06), (-0.30, 0.06, 0.06), tail)]
    return np.array(faces)


def turned(points, yaw, pitch, roll):
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    about_x = np.array([[1, 0, 0], [0, cr, -sr], [0, sr, cr]])
    about_z = np.array([[cp, -sp, 0], [sp, cp, 0], [0, 0, 1]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    return points @ (about_y @ about_z @ about_x).T


class Hill:
    """A hill of cut paper with its trees and the shadow it throws, as a wrapping sheet."""

    def __init__(self, spec, u):
        self.spec, self.u = spec, u
        rng = np.random.default_rng(spec["seed"])
        self.top = spec["base"] - spec["relief"] * 1.4 - 60 - 2.2 * (22 + 9 * (spec["step"] - 4))
        w, h = int(spec["tile"] * u), int((1080 - self.top) * u) + 1
        x = (np.arange(w) + 0.5) / u
        self.waves = [(k, 0.75 / k ** 0.75, rng.random()) for k in (2, 3, 5, 7)]
        edge = self.height(x)
        y = self.top + (np.arange(h) + 0.5) / u
        ss = 2
        art = Image.new("L", (w * ss, h * ss), 0)
        draw = ImageDraw.Draw(art)
        outline = [((i + 0.5) * ss, (e - self.top) * u * ss) for i, e in enumerate(edge)]
        draw.polygon([(0, h * ss)] + outline + [(w * ss, outline[0][1]), (w * ss, h * ss)], fill=255)
        trees = self.trees(rng)
        shades = Image.new("L", (w * ss, h * ss), 0)
        half = ImageDraw.Draw(shades)
        for tree in trees:
            self.tree(draw, half, tree, ss)
        cover = np.asarray(art.resize((w, h), Image.Resampling.BOX), np.float32) / 255
        dark = np.asarray(shades.resize((w, h), Image.Resampling.BOX), np.float32) / 255
        wide = np.concatenate([cover[:, -200:], cover, cover[:, :200]], 1)
        soft = Image.fromarray((wide * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(15 * u))
        shadow = np.roll(np.asarray(soft, np.float32)[:, 200:-200] / 255, -int(9 * u), 0) * 0.26
        down = y[:, None] - edge[None, :]
        tint = ramp([(0, spec["colours"][0]), (1, spec["colours"][1])], np.clip(down / 190, 0, 1))
        rim = np.exp(-np.clip(down, 0, None) / 2.4) * np.clip(down * u + 0.5, 0, 1)
        bands = sum(np.exp(-((down - d) / 1.1) ** 2) for d in (34, 72, 116))
        tint = tint + rim[..., None] * 0.13 + bands[..., None] * 0.03
        ground = np.clip(down * u + 0.5, 0, 1)[..., None]
        tint = mix(rgb(spec["colours"][0]) * 0.94, tint, ground)
        tint = tint * (1 - 0.13 * dark[..., None])
        ink = rgb("#3a2f55")
        self.alpha = cover + shadow * (1 - cover)
        self.sheet = (tint * cover[..., None] + ink * (shadow * (1 - cover))[..., None]).astype(np.float32)

    def height(self, x):
        s = self.spec
        total = sum(a * np.sin(TAU * (k * x / s["tile"] + p)) for k, a, p in self.waves)
        return s["base"] - s["relief"] * 0.8 * total

    def trees(self, rng):
        s = self.spec
        size = 22 + 9 * (s["step"] - 4)
        found = []
        for _ in range(s["trees"]):
            middle = rng.uniform(60, s["tile"] - 60)
            for _ in range(rng.integers(1, 4)):
                found.append((np.clip(middle + rng.normal(0, size * 0.9), 50, s["tile"] - 50), size * rng.uniform(0.7, 1.25), rng.random()))
        return sorted(found, key=lambda tree: tree[1])

    def tree(self, draw, half, tree, ss):
        x, size, kind = tree
        foot = self.height(np.array([x]))[0] + 6
        at = lambda px, py: ((px) * self.u * ss, (py - self.top) * self.u * ss)
        if kind < 0.7:
            for lift, wide in ((0.0, 0.46), (0.42, 0.36), (0.80, 0.25)):
                y = foot - size * (0.14 + lift)
                top = y - size * 0.62
                draw.polygon([at(x - wide * size, y), at(x, top), at(x + wide * size, y)], fill=255)
                half.polygon([at(x, y), at(x, top), at(x + wide * size, y)], fill=255)
            draw.rectangle([at(x - size * 0.05, foot - size * 0.2), at(x + size * 0.05, foot + 6)], fill=255)
        else:
            r = size * 0.42
            draw.rectangle([at(x - size * 0.04, foot - size * 0.7), at(x + size * 0.04, foot + 6)], fill=255)
            draw.ellipse([at(x - r, foot - size * 0.45 - 2 * r), at(x + r, foot - size * 0.45)], fill=255)
            half.pieslice([at(x - r, foot - size * 0.45 - 2 * r), at(x + r, foot - size * 0.45)], -90, 90, fill=255)

    def shift(self, t, view):
        return (self.spec["step"] * t * FRAMES / LOOP + view.middle + 960) * self.u - view.w / 2


class Scene:
    def __init__(self, view):
        self.view = view
        v = view
        sky = np.repeat(ramp(SKY, v.y)[:, None, :], v.w, 1)
        for radius, colour, alpha in ((430, "#fff0d0", 0.20), (310, "#ffe9bf", 0.30), (210, "#ffdfa8", 0.55)):
            disc(sky, v, SUN[0], SUN[1] + 10, radius + 2, rgb("#b5705f"), 0.10, 16)
            disc(sky, v, SUN[0], SUN[1], radius, rgb(colour), alpha, 0.7)
        disc(sky, v, SUN[0], SUN[1] + 10, 124, rgb("#b5603f"), 0.22, 18)
        disc(sky, v, SUN[0], SUN[1], 122, lambda y: ramp([(280, "#fff3cf"), (520, "#ffb978")], y), 1.0, 0.7)
        self.sky = sky
        self.clouds = [self.cloud(*spec) for spec in (
            (-700, 165, 1.15, 0.34, 3), (120, 110, 0.8, 0.26, 5), (820, 300, 1.0, 0.40, 8), (-220, 590, 0.9, 0.30, 13))]
        self.hills = [Hill(spec, v.u) for spec in HILLS]
        self.scale = 3
        self.lower = 0.0
        self.hidden = None

    def cloud(self, x, y, size, reach, seed):
        """A cut-paper cloud with its shadow: (colour, alpha, world corner, drift)."""
        u = self.view.u
        rng = np.random.default_rng(seed)
        w, h, ss = int(460 * size * u), int(230 * size * u), 3
        base = Image.new("L", (w * ss, h * ss), 0)
        draw = ImageDraw.Draw(base)
        s = size * u * ss
        floor = 160
        for k in range(5):
            cx = 95 + k * 66 + rng.uniform(-10, 10)
            r = (34, 52, 66, 50, 34)[k] + rng.uniform(-5, 5)
            draw.ellipse([(cx - r) * s, (floor - r * 1.12 - r * 0.4) * s, (cx + r) * s, (floor + r * 0.9 - r * 0.4) * s], fill=255)
        draw.rectangle([0, floor * s, w * ss, h * ss], fill=0)
        draw.rounded_rectangle([38 * s, (floor - 34) * s, 424 * s, floor * s], radius=17 * s, fill=255)
        small = base.resize((w, h), Image.Resampling.BOX)
        cover = np.asarray(small, np.float32) / 255
        soft = np.asarray(small.filter(ImageFilter.GaussianBlur(12 * u * size)), np.float32) / 255
        shadow = np.roll(soft, int(12 * u * size), 0) * 0.20
        tint = mix(rgb("#ffffff"), rgb("#fbe3d2"), np.linspace(0, 1, h)[:, None, None] ** 1.4)
        alpha = cover * 0.96 + shadow * (1 - cover * 0.96)
        sheet = tint * (cover * 0.96)[..., None] + rgb("#7d5b78") * (shadow * (1 - cover * 0.96))[..., None]
        return sheet.astype(np.float32), alpha.astype(np.float32), x - 230 * size, y - 115 * size, reach

    def frame(self, t):
        img = self.sky.copy()
        for k, cloud in enumerate(self.clouds):
            if k == self.hidden:
                continue
            self.draw_cloud(img, cloud, t, k)
        for k, bird in enumerate(FLOCK[:4]):
            self.draw_bird(img, bird, t, k)
        for i, hill in enumerate(self.hills):
            roll_over(img, hill.sheet, hill.alpha, hill.shift(t, self.view), int(round(hill.top * self.view.u)))
            if i < 3:
                self.mist(img, i)
            if i == 1:
                self.draw_bird(img, FLOCK[4], t, 4)
        self.draw_bird(img, FLOCK[5], t, 5)
        self.draw_bird(img, FLOCK[6], t, 6)
        return img

    def draw_cloud(self, img, cloud, t, k):
        sheet, alpha, x, y, reach = cloud
        v = self.view
        at = v.px(x + 150 * reach * wave(t, 1, k * 0.27))
        x0, part = int(np.floor(at)), at - np.floor(at)
        y0 = int(round(v.py(y)))
        alpha = (1 - part) * np.pad(alpha, ((0, 0), (0, 1))) + part * np.pad(alpha, ((0, 0), (1, 0)))
        sheet = (1 - part) * np.pad(sheet, ((0, 0), (0, 1), (0, 0))) + part * np.pad(sheet, ((0, 0), (1, 0), (0, 0)))
        h, w = alpha.shape
        ax, ay, bx, by = max(0, x0), max(0, y0), min(v.w, x0 + w), min(v.h, y0 + h)
        if bx > ax and by > ay:
            s = (slice(ay - y0, by - y0), slice(ax - x0, bx - x0))
            region = img[ay:by, ax:bx]
            region *= 1 - alpha[s][..., None]
            region += sheet[s]

    def mist(self, img, i):
        v = self.view
        base = HILLS[i]["base"]
        r0, r1 = v.rows(base, base + 190)
        thick = 0.34 * smooth(base, base + 150, v.y[r0:r1])
        part = img[r0:r1]
        part += thick[:, None, None] * (rgb("#ffe9d2") - part)

    def draw_bird(self, img, bird, t, k):
        x, y, size, beats, phase, drift, colour = bird
        v = self.view
        x = x + drift * 1.5 * wave(t, 1, phase) + 12 * wave(t, 3, phase + 0.2)
        stroke = wave(t, beats, phase)
        late = wave(t, beats, phase - 0.13)
        y = y + self.lower + drift * 0.8 * wave(t, 2, phase + 0.4) - 0.07 * size * wave(t, beats, phase + 0.25)
        beat, lag = 0.16 + 0.50 * stroke, 0.10 + 0.78 * late
        faces = crane(beat, lag)
        yaw = 0.50 + 0.10 * wave(t, 1, phase + 0.15)
        pitch = 0.06 + 0.07 * wave(t, 2, phase + 0.65)
        roll = 0.42 + 0.08 * wave(t, 2, phase)
        faces = turned(faces.reshape(-1, 3), yaw, pitch, roll).reshape(-1, 3, 3)
        self.stamp(img, faces, v.px(x), v.py(y), size * v.u, rgb(colour))

    def stamp(self, img, faces, cx, cy, size, colour):
        """Draw the faces far to near with flat shading, antialiased, over their shadow."""
        ss = self.scale
        flat = faces[..., :2] * (1, -1) * size
        low, high = flat.reshape(-1, 2).min(0), flat.reshape(-1, 2).max(0)
        pad = int(size * 0.16) + 4
        x0, y0 = int(np.floor(cx + low[0])) - pad, int(np.floor(cy + low[1])) - pad
        w, h = int(high[0] - low[0]) + 2 * pad + 2, int(high[1] - low[1]) + 2 * pad + 2
        origin = np.array([cx - x0, cy - y0])
        sheet = Image.new("RGB", (w * ss, h * ss), tuple(int(c * 255) for c in colour * 0.8))
        cover = Image.new("L", (w * ss, h * ss), 0)
        paint, mark = ImageDraw.Draw(sheet), ImageDraw.Draw(cover)
        normals = np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0])
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        normals *= np.where(normals[:, 2:] > 0, -1, 1)
        lit = normals @ LIGHT
        order = np.argsort(-faces[:, :, 2].mean(1))
        warm = rgb("#ffe7c4")
        cool = rgb("#6a5a8c")
        for i in order:
            tone = np.clip(0.30 + 0.80 * lit[i], 0, 1)
            shade = mix(colour * mix(cool, np.ones(3), 0.42), np.minimum(colour * 0.75 + warm * 0.27, 1), tone)
            pts = [tuple(p) for p in (flat[i] + origin) * ss]
            paint.polygon(pts, fill=tuple(int(np.clip(c, 0, 1) * 255) for c in shade))
            mark.polygon(pts, fill=255)
        rgbs = np.asarray(sheet.resize((w, h), Image.Resampling.BOX), np.float32) / 255
        small = cover.resize((w, h), Image.Resampling.BOX)
        mask = np.asarray(small, np.float32) / 255
        fall = np.asarray(small.filter(ImageFilter.GaussianBlur(size * 0.07 + 1)), np.float32) / 255
        blend_mask(img, fall * 0.20, x0 + int(size * 0.05), y0 + int(size * 0.16), rgb("#43355c"))
        ax, ay, bx, by = max(0, x0), max(0, y0), min(img.shape[1], x0 + w), min(img.shape[0], y0 + h)
        if bx > ax and by > ay:
            part = img[ay:by, ax:bx]
            s = (slice(ay - y0, by - y0), slice(ax - x0, bx - x0))
            part += mask[s][..., None] * (rgbs[s] - part)


def letter(img, view):
    """The poster's title, cut from folded paper."""
    w, h = view.w, view.h
    for text, base in (("PAPER", 0.136), ("BIRDS", 0.238)):
        face = font("LiberationSansNarrow-Bold", w * 0.225)
        sheet = text_mask((w, h), text, face, (w / 2, h * base), w * 0.010)
        mask = np.asarray(sheet, np.float32) / 255
        drop = np.asarray(sheet.filter(ImageFilter.GaussianBlur(w * 0.010)), np.float32) / 255
        blend_mask(img, drop * 0.34, int(w * 0.003), int(w * 0.014), rgb("#3b4f70"))
        yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
        fold = ((xx * 0.55 + yy) / (w * 0.125)) % 1.0
        tone = np.where(fold < 0.5, 1.0, 0.90) - 0.05 * (fold % 0.5)
        paper = rgb("#fffaf0") * tone[..., None]
        img += mask[..., None] * (paper - img)
    small = font("LiberationSerif-Italic", w * 0.044)
    mask = np.asarray(text_mask((w, h), "fold once for luck, twice for home", small, (w / 2, h * 0.278), w * 0.001), np.float32) / 255
    blend_mask(img, mask, 0, 0, rgb("#274b63"))
    tiny = font("LiberationSans-Regular", w * 0.024)
    mask = np.asarray(text_mask((w, h), "A FOOTLIGHT FILM", tiny, (w / 2, h * 0.972), w * 0.011), np.float32) / 255
    blend_mask(img, mask * 0.85, 0, 0, rgb("#e6f4ee"))


POSTER = {"middle": -60.0, "time": 4.9, "adjust": {"lower": 95.0, "hidden": 1}}
HERO = {"middle": 0.0, "time": 5.68}
