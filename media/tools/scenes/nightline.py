"""Nightline: a city seen from the last train. Scrolling towers, neon, a river, an elevated line."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from canvas import (FRAMES, LOOP, TAU, blend_mask, disc, font, glow, polygon, ramp, rgb, roll_over,
                    smooth, text_mask, wave)

WATER = 800.0
DECK = 700.0
SKY = [(0, "#070a1f"), (240, "#101540"), (430, "#2a1c63"), (580, "#5c2478"), (700, "#a8336f"), (800, "#e0586a")]
MOON = (330.0, 250.0, 92.0)

# Of each row of towers, far to near: tile, units a frame, seed, lowest and highest roof, widths, body, windows.
ROWS = [
    dict(tile=2000, step=5, seed=11, roof=(330, 560), width=(60, 130), body=("#2b2160", "#6a2c74"), cell=(12, 15), pane=(5, 7), lit=0.20,
         panes=["#b887b8", "#e79a9a", "#8c86d8"]),
    dict(tile=2800, step=7, seed=5, roof=(250, 620), width=(90, 190), body=("#161545", "#3c1c5c"), cell=(17, 22), pane=(8, 11), lit=0.30,
         panes=["#ffc46e", "#ffdf9e", "#7ad7ff", "#ff9c6e"]),
    dict(tile=4400, step=11, seed=8, roof=(350, 640), width=(160, 300), body=("#0d0e30", "#231344"), cell=(27, 33), pane=(14, 17), lit=0.26,
         panes=["#ffcf7d", "#ffe3ad", "#ffb45e", "#8fe3ff"]),
]

SIGNS = [("HOTEL", 420, "#ff3d7f", True, 0), ("BAR", 980, "#38e1ff", False, 3), ("NOODLES", 1500, "#ffb02e", False, 0),
         ("CINEMA", 2140, "#b06bff", True, 5), ("24h", 2790, "#4dffa8", False, 0), ("JAZZ", 3300, "#ff5a4d", True, 7),
         ("LINE 9", 3890, "#38e1ff", False, 2)]


class Row:
    """One row of towers, drawn once as a wrapping sheet."""

    def __init__(self, spec, u):
        self.spec, self.u = spec, u
        self.top = spec["roof"][0] - 130
        self.w = int(spec["tile"] * u)
        self.h = int((WATER - self.top) * u) + 1
        rng = np.random.default_rng(spec["seed"])
        body = Image.new("L", (self.w, self.h), 0)
        light = Image.new("RGB", (self.w, self.h), (0, 0, 0))
        shade = Image.new("L", (self.w, self.h), 0)
        self.draws = (ImageDraw.Draw(body), ImageDraw.Draw(light), ImageDraw.Draw(shade))
        self.blinkers, self.beacons, self.roofs = [], [], []
        x, previous = 0.0, None
        while x < spec["tile"] - spec["width"][0]:
            wide = min(rng.uniform(*spec["width"]), spec["tile"] - x)
            if spec["tile"] - x - wide < spec["width"][0]:
                wide = spec["tile"] - x
            low, high = spec["roof"]
            roof = low + (high - low) * rng.beta(1.6, 1.5)
            if previous is not None and abs(roof - previous) < 25:
                roof += 50 if roof < (low + high) / 2 else -50
            previous = roof
            self.tower(rng, x, wide, roof)
            x += wide
        self.alpha = np.asarray(body, np.float32) / 255
        rows = np.linspace(self.top, WATER, self.h)
        tint = ramp([(self.top, spec["body"][0]), (WATER, spec["body"][1])], rows)[:, None, :]
        depth = np.asarray(shade, np.float32)[..., None] / 255
        lights = np.asarray(light, np.float32) / 255
        halo = np.asarray(light.filter(ImageFilter.GaussianBlur(7 * u)), np.float32) / 255
        self.sheet = ((tint * (1 - 0.35 * depth)) * self.alpha[..., None] * (lights.max(-1, keepdims=True) < 0.02)
                      + lights + 0.5 * halo * self.alpha[..., None]).astype(np.float32)

    def box(self, which, x0, y0, x1, y1, fill):
        u = self.u
        self.draws[which].rectangle([round(x0 * u), round((y0 - self.top) * u), round(x1 * u) - 1, round((y1 - self.top) * u) - 1], fill=fill)

    def tower(self, rng, x, wide, roof):
        gap = 0 if rng.random() < 0.5 else rng.uniform(2, 10)
        left, right = x, x + wide - gap
        self.box(0, left, roof, right, WATER + 2, 255)
        self.box(2, right - (right - left) * 0.28, roof, right, WATER, 150)
        self.roofs.append((left, right, roof))
        kind = rng.random()
        mid = (left + right) / 2
        if kind < 0.34:
            step = (right - left) * 0.2
            self.box(0, left + step, roof - 34, right - step, roof, 255)
            self.box(0, left + 2 * step, roof - 58, right - 2 * step, roof, 255)
            self.box(0, mid - 2, roof - 112, mid + 2, roof, 255)
            self.beacons.append((mid, roof - 112, rng.random()))
        elif kind < 0.58:
            self.box(0, left + 12, roof - 24, left + 44, roof, 255)
            self.box(0, left + 16, roof - 40, left + 40, roof - 24, 255)
        elif kind < 0.76:
            self.box(0, right - 26, roof - 66, right - 23, roof, 255)
            self.box(0, right - 36, roof - 50, right - 13, roof - 48, 255)
        self.windows(rng, left, right, roof)

    def windows(self, rng, left, right, roof):
        s = self.spec
        (cw, ch), (pw, ph) = s["cell"], s["pane"]
        columns = int((right - left - 12) // cw)
        rows = int((WATER - roof - 22) // ch)
        if columns < 1:
            return
        margin = (right - left - columns * cw) / 2
        style = rng.random()
        warm = rng.integers(0, len(s["panes"]))
        for r in range(rows):
            floor_lit = rng.random()
            for c in range(columns):
                chance = s["lit"] * (2.2 if floor_lit < 0.18 else 0.75)
                if rng.random() > chance:
                    continue
                tone = s["panes"][warm if rng.random() < 0.7 else rng.integers(0, len(s["panes"]))]
                power = rng.uniform(0.45, 1.0)
                fill = tuple(int(v * 255 * power) for v in rgb(tone))
                x = left + margin + c * cw + (cw - pw) / 2
                y = roof + 14 + r * ch
                width = pw if style < 0.7 else cw - 3
                self.box(1, x, y, x + width, y + ph, fill)
                if s["step"] > 5 and rng.random() < 0.02:
                    self.blinkers.append((x, y, width, ph, int(rng.integers(1, 4)), rng.random()))

    def shift(self, t, view):
        return (self.spec["step"] * t * FRAMES / LOOP + view.middle + 960) * self.u - view.w / 2

    def places(self, t, view, x):
        """World x of every visible copy of something at tile position `x`."""
        at = x - (self.shift(t, view) / self.u)
        at = at % self.spec["tile"]
        width = view.w / view.u
        return [view.middle - width / 2 + at + k * self.spec["tile"] for k in (-1, 0, 1)
                if -400 < at + k * self.spec["tile"] < width + 400]


class Sign:
    """A neon sign: letters as tubes, with their light around them."""

    def __init__(self, text, colour, vertical, u):
        size = 44 if vertical else 52
        face = font("LiberationSansNarrow-Bold", size * u)
        step = size * 1.02 * u
        pad = int(90 * u)
        if vertical:
            w, h = int(size * u) + 2 * pad, int(step * len(text)) + 2 * pad
        else:
            w, h = int(face.getlength(text) + 6 * u * len(text)) + 2 * pad, int(size * u) + 2 * pad
        sheet = Image.new("L", (w, h), 0)
        draw = ImageDraw.Draw(sheet)
        if vertical:
            for k, c in enumerate(text):
                draw.text((w / 2, pad + step * (k + 0.5)), c, font=face, fill=255, anchor="mm")
        else:
            x = pad
            for c in text:
                draw.text((x, h / 2), c, font=face, fill=255, anchor="lm")
                x += face.getlength(c) + 6 * u
        edge = 14 * u
        frame = [pad - edge, pad - edge, w - pad + edge, h - pad + edge]
        draw.rounded_rectangle(frame, radius=10 * u, outline=255, width=max(1, int(3 * u)))
        tube = np.asarray(sheet, np.float32)[..., None] / 255
        near = np.asarray(sheet.filter(ImageFilter.GaussianBlur(7 * u)), np.float32)[..., None] / 255
        wide = np.asarray(sheet.filter(ImageFilter.GaussianBlur(30 * u)), np.float32)[..., None] / 255
        tint = rgb(colour)
        self.light = tube * (0.62 * tint + 0.38) + near * tint * 0.9 + wide * tint * 1.15
        board = Image.new("L", (w, h), 0)
        ImageDraw.Draw(board).rounded_rectangle(frame, radius=10 * u, fill=255)
        self.board = np.asarray(board, np.float32) / 255
        self.size = (w, h)

    def draw(self, img, x, y, power):
        w, h = self.size
        x0, y0 = int(round(x - w / 2)), int(round(y - h / 2))
        blend_mask(img, self.board * 0.86, x0, y0, rgb("#08081c"))
        ax, ay, bx, by = max(0, x0), max(0, y0), min(img.shape[1], x0 + w), min(img.shape[0], y0 + h)
        if bx > ax and by > ay:
            img[ay:by, ax:bx] += power * self.light[ay - y0:by - y0, ax - x0:bx - x0]


class Scene:
    def __init__(self, view):
        self.view = view
        v = view
        sky = np.repeat(ramp(SKY, v.y)[:, None, :], v.w, 1)
        self.moon_x = MOON[0]
        glow(sky, v, MOON[0], MOON[1], 330, rgb("#6f5bd8"), 0.34, 1.4)
        glow(sky, v, -420, 830, 620, rgb("#ff4f7a"), 0.26, 1.6)
        glow(sky, v, 640, 820, 540, rgb("#ff8a4a"), 0.24, 1.6)
        rng = np.random.default_rng(9)
        for _ in range(90):
            y = rng.uniform(0, 420)
            disc(sky, v, rng.uniform(-960, 960), y, rng.uniform(0.7, 1.5), rgb("#dfe4ff"), smooth(430, 60, y) * rng.uniform(0.3, 0.9), 0.7)
        disc(sky, v, *MOON, rgb("#ffe9cf"), 1.0, 0.8)
        for dx, dy, r in ((-30, -20, 20), (28, 16, 27), (-14, 40, 13), (36, -38, 11)):
            disc(sky, v, MOON[0] + dx, MOON[1] + dy, r, rgb("#f0cdb4"), 0.55, 2)
        self.sky = sky
        self.rows = [Row(spec, v.u) for spec in ROWS]
        self.signs = [(Sign(text, colour, vertical, v.u), x, vertical, cycles) for text, x, colour, vertical, cycles in SIGNS]
        self.deck()
        self.train = self.make_train()

    def deck(self):
        """The elevated line: girder, arches and piers, as a wrapping sheet."""
        u = self.view.u
        self.deck_tile = 3600
        w, top = int(3600 * u), DECK - 52
        h = int((WATER - top) * u) + 1
        ss = 2
        sheet = Image.new("L", (w * ss, h * ss), 0)
        draw = ImageDraw.Draw(sheet)
        sx = lambda x: x * u * ss
        sy = lambda y: (y - top) * u * ss
        draw.rectangle([0, sy(DECK), w * ss, sy(DECK + 22)], fill=255)
        draw.rectangle([0, sy(DECK - 12), w * ss, sy(DECK - 9)], fill=255)
        for k in range(60):
            draw.rectangle([sx(k * 60), sy(DECK - 12), sx(k * 60 + 3), sy(DECK)], fill=255)
        for k in range(9):
            x = k * 400
            draw.rectangle([sx(x + 180), sy(DECK + 20), sx(x + 220), sy(WATER)], fill=255)
            draw.rectangle([sx(x + 170), sy(DECK + 20), sx(x + 230), sy(DECK + 34)], fill=255)
            draw.rectangle([sx(x + 168), sy(WATER - 12), sx(x + 232), sy(WATER)], fill=255)
            draw.polygon([(sx(x + 180), sy(DECK + 74)), (sx(x + 130), sy(DECK + 20)), (sx(x + 270), sy(DECK + 20)), (sx(x + 220), sy(DECK + 74))], fill=255)
            draw.rectangle([sx(x + 198), sy(DECK - 50), sx(x + 202), sy(DECK)], fill=255)
        alpha = np.asarray(sheet.resize((w, h), Image.Resampling.BOX), np.float32) / 255
        rows = np.linspace(top, WATER, h)
        tint = ramp([(top, "#1a1240"), (DECK, "#2a1747"), (DECK + 3, "#120b2c"), (WATER, "#1d0f33")], rows)
        self.deck_alpha, self.deck_sheet, self.deck_top = alpha, alpha[..., None] * tint[:, None, :], top

    def make_train(self):
        """Four carriages seen from the side; the first one leads to the right."""
        u, ss = self.view.u, 2
        length, high = 4 * 440, 104
        sheet = Image.new("RGBA", (int(length * u) * ss, int(high * u) * ss), (0, 0, 0, 0))
        draw = ImageDraw.Draw(sheet)
        s = u * ss
        rng = np.random.default_rng(4)
        for k in range(4):
            x = k * 440
            nose = 46 if k == 3 else 8
            draw.rounded_rectangle([(x + 4) * s, 16 * s, (x + 434) * s, 94 * s], radius=9 * s, fill=(74, 80, 138, 255))
            if k == 3:
                draw.polygon([((x + 434 - nose) * s, 12 * s), ((x + 437) * s, 12 * s), ((x + 437) * s, 62 * s)], fill=(0, 0, 0, 0))
            draw.rounded_rectangle([(x + 10) * s, 16 * s, (x + 428) * s, 22 * s], radius=3 * s, fill=(128, 136, 196, 255))
            draw.rectangle([(x + 6) * s, 72 * s, (x + 432) * s, 79 * s], fill=(255, 61, 127, 255))
            draw.rectangle([(x + 6) * s, 82 * s, (x + 432) * s, 94 * s], fill=(44, 44, 88, 255))
            for c in range(9):
                wx = x + 20 + c * 45
                if k == 3 and c == 8:
                    continue
                door = c in (2, 6)
                draw.rounded_rectangle([wx * s, 28 * s, (wx + 37) * s, (92 if door else 64) * s], radius=5 * s,
                                       fill=(255, 214, 140, 255) if not door else (255, 196, 118, 255))
                if door:
                    draw.rectangle([(wx + 17.5) * s, 28 * s, (wx + 19.5) * s, 92 * s], fill=(120, 84, 74, 255))
                elif rng.random() < 0.6:
                    px = wx + rng.uniform(8, 26)
                    draw.ellipse([(px - 5) * s, 42 * s, (px + 5) * s, 53 * s], fill=(96, 58, 66, 255))
                    draw.rounded_rectangle([(px - 8) * s, 53 * s, (px + 8) * s, 64 * s], radius=3 * s, fill=(96, 58, 66, 255))
            for bogie in (70, 330):
                draw.rectangle([(x + bogie) * s, 94 * s, (x + bogie + 50) * s, 102 * s], fill=(26, 18, 52, 255))
        small = sheet.resize((int(length * u), int(high * u)), Image.Resampling.BOX)
        data = np.asarray(small, np.float32) / 255
        return data[..., :3] * data[..., 3:], data[..., 3]

    def frame(self, t):
        v = self.view
        img = self.sky.copy()
        self.searchlights(img, t)
        for i, row in enumerate(self.rows):
            roll_over(img, row.sheet, row.alpha, row.shift(t, v), int(round(row.top * v.u)))
            self.lamps(img, row, t, i)
            if i < 2:
                self.haze(img, i)
        self.neon(img, t)
        self.line(img, t)
        self.river(img, t)
        self.quay(img, t)
        return img

    def searchlights(self, img, t):
        v = self.view
        for x0, cycles, phase, colour in ((-560, 1, 0.1, "#8f7bff"), (-500, 1, 0.55, "#ff78b0"), (780, 1, 0.3, "#78c8ff")):
            lean = 0.55 * wave(t, cycles, phase)
            r0, r1 = v.rows(0, 620)
            up = 620 - v.y[r0:r1]
            middle = x0 + lean * up
            half = 8 + 0.055 * up
            across = abs(v.x[None, :] - middle[:, None]) / half[:, None]
            light = np.clip(1 - across, 0, 1) ** 1.5 * (np.clip(1 - up / 700, 0, 1) ** 1.2)[:, None]
            img[r0:r1] += light[..., None] * (rgb(colour) * 0.24)

    def haze(self, img, i):
        v = self.view
        r0, r1 = v.rows(430, WATER)
        thick = (0.42, 0.30)[i] * smooth(430, WATER + 40, v.y[r0:r1])
        part = img[r0:r1]
        part += thick[:, None, None] * (rgb(("#b0407c", "#7c2f78")[i]) - part)

    def lamps(self, img, row, t, i):
        """Windows that go dark and aircraft beacons that blink."""
        v = self.view
        for x, y, w, h, cycles, phase in row.blinkers:
            if wave(t, cycles, phase) > 0.1:
                for at in row.places(t, v, x):
                    x0, y0 = int(round(v.px(at))), int(round(v.py(y)))
                    blend_mask(img, np.full((int(round(h * v.u)), int(round(w * v.u))), 0.9, np.float32), x0, y0, rgb(row.spec["body"][1]))
        for x, y, phase in row.beacons:
            power = smooth(0.55, 1.0, wave(t, 8, phase))
            for at in row.places(t, v, x):
                disc(img, v, at, y, 2.4, rgb("#ff5a5a"), 0.5 + 0.5 * power)
                glow(img, v, at, y, 14, rgb("#ff3434"), 0.8 * power)

    def neon(self, img, t):
        v, row = self.view, self.rows[2]
        for sign, x, vertical, cycles in self.signs:
            high = sign.size[1] / v.u - 180
            fits = [r for r in row.roofs if r[2] <= DECK - 170 - high] or row.roofs
            left, right, roof = min(fits, key=lambda r: abs((r[0] + r[1]) / 2 - x))
            power = 1.0
            if cycles:
                power = 0.35 + 0.65 * smooth(-0.45, -0.25, wave(t, cycles, x / 1000)) * (0.85 + 0.15 * wave(t, 48, x / 777))
            middle = (left + right) / 2
            y = roof + (36 + high / 2 if vertical else 30 + high / 2)
            y = min(y, DECK - 128 - high / 2)
            for at in row.places(t, v, middle):
                sign.draw(img, v.px(at), v.py(y), power)

    def line(self, img, t):
        v = self.view
        step = 9
        shift = (step * t * FRAMES / LOOP + v.middle + 960) * v.u - v.w / 2
        self.carriages(img, t)
        roll_over(img, self.deck_sheet, self.deck_alpha, shift, int(round(self.deck_top * v.u)))

    def carriages(self, img, t):
        v = self.view
        sheet, alpha = self.train
        h, w = alpha.shape
        head = -1120 + 11.5 * (t * 25 - 12)
        x0 = int(round(v.px(head - w / v.u)))
        y0 = int(round(v.py(DECK - 104)))
        ax, bx = max(0, x0), min(v.w, x0 + w)
        if bx > ax:
            part = img[y0:y0 + h, ax:bx]
            part *= 1 - alpha[:, ax - x0:bx - x0, None]
            part += sheet[:, ax - x0:bx - x0]
            self.under_light(img, ax, bx)
        nose = head - 12
        if nose > -1100:
            glow(img, v, nose, DECK - 26, 46, rgb("#fff0c4"), 0.9, 1.3)
            r0, r1 = v.rows(DECK - 120, DECK + 10)
            along = v.x - nose
            spread = 8 + 0.13 * np.clip(along, 0, None)
            light = np.clip(1 - abs(v.y[r0:r1, None] - (DECK - 24)) / spread[None, :], 0, 1) * (np.clip(1 - along / 620, 0, 1) ** 2 * (along > 0))[None, :]
            img[r0:r1] += light[..., None] * (rgb("#ffe2a6") * 0.4)

    def under_light(self, img, ax, bx):
        v = self.view
        r0, r1 = v.rows(DECK - 150, DECK - 92)
        rise = smooth(DECK - 150, DECK - 92, v.y[r0:r1])
        img[r0:r1, ax:bx] += (0.12 * rise)[:, None, None] * rgb("#ffb060")

    def river(self, img, t):
        """The city upside down, pulled sideways by ripples."""
        v = self.view
        r0 = int(round(WATER * v.u))
        r1 = v.h
        down = (np.arange(r1 - r0) + 0.5) / v.u
        turn = TAU * t / LOOP
        depth = down / 280
        wobble = (1.0 + 8 * depth) * (np.sin(34 * np.log1p(down / 26) - 8 * turn) + 0.6 * np.sin(61 * np.log1p(down / 31) + 5 * turn + 1))
        lift = (2.0 + 7 * depth) * np.sin(23 * np.log1p(down / 24) - 6 * turn)
        source = np.clip(r0 - 1 - ((down * 1.35 + lift) * v.u).astype(int), 0, r0 - 1)
        mirrored = 0
        for offset, weight in ((0, 0.4), (5, 0.35), (11, 0.25)):
            rows = np.clip(source - (offset * depth * v.u).astype(int), 0, r0 - 1)
            columns = np.arange(v.w)[None, :] + np.round(wobble * v.u * (1 - 0.25 * offset / 11)).astype(int)[:, None]
            mirrored = mirrored + weight * img[rows[:, None], np.clip(columns, 0, v.w - 1)]
        tint = ramp([(0, "#3a1650"), (120, "#120d36"), (280, "#060720")], down)[:, None, :]
        keep = (0.80 - 0.42 * smooth(0, 280, down))[:, None, None]
        img[r0:r1] = np.clip(mirrored, 0, 1.1) * keep + tint * (1 - keep)
        shine = np.exp(-((down - 2) / 3.0) ** 2)
        img[r0:r1] += shine[:, None, None] * rgb("#ff7aa8") * 0.22

    def quay(self, img, t):
        """The near bank: a parapet and street lamps that pass by."""
        v = self.view
        r0, r1 = v.rows(1030, 1080)
        img[r0:r1] = ramp([(1030, "#1a1236"), (1036, "#0a0820"), (1080, "#05040f")], v.y[r0:r1])[:, None, :]
        tile, step = 2400, 18
        offset = (step * t * FRAMES / LOOP) % tile
        for k in range(-1, 3):
            x = -960 + 700 - offset + k * tile
            if not -1400 < x < 1400:
                continue
            polygon(img, v, [[(x - 7, 1040), (x - 4, 640), (x + 4, 640), (x + 7, 1040)],
                             [(x - 3, 646), (x + 70, 622), (x + 71, 629), (x - 3, 655)],
                             [(x + 56, 618), (x + 112, 622), (x + 112, 632), (x + 56, 634)],
                             [(x - 16, 1040), (x - 11, 1000), (x + 11, 1000), (x + 16, 1040)]], rgb("#06050f"))
            disc(img, v, x + 86, 634, 9, rgb("#fff2cf"))
            glow(img, v, x + 86, 636, 36, rgb("#ffc878"), 0.75, 1.5)
            glow(img, v, x + 86, 660, 150, rgb("#ff9a4c"), 0.30, 1.4)
            glow(img, v, x + 40, 1034, 90, rgb("#ffb25e"), 0.30, 1.6)


def letter(img, view):
    """The poster's title as a neon tube over the sky."""
    w, h = view.w, view.h
    shade = smooth(0.40 * h, 0.0, np.arange(h))[:, None, None]
    img *= 1 - 0.45 * shade
    for text, base, colour in (("NIGHT", 0.150, "#ff3d7f"), ("LINE", 0.262, "#38e1ff")):
        face = font("DejaVuSans-ExtraLight", w * 0.205)
        tube = text_mask((w, h), text, face, (w / 2, h * base), w * 0.030).filter(ImageFilter.MaxFilter(5))
        sharp = np.asarray(tube, np.float32)[..., None] / 255
        near = np.asarray(tube.filter(ImageFilter.GaussianBlur(w * 0.008)), np.float32)[..., None] / 255
        wide = np.asarray(tube.filter(ImageFilter.GaussianBlur(w * 0.035)), np.float32)[..., None] / 255
        tint = rgb(colour)
        img += sharp * (0.45 + 0.55 * tint) + near * tint * 0.9 + wide * tint * 1.0
    np.clip(img, 0, 1, out=img)
    small = font("LiberationSansNarrow-Regular", w * 0.036)
    mask = np.asarray(text_mask((w, h), "THE LAST TRAIN KNOWS EVERYONE", small, (w / 2, h * 0.942), w * 0.0085), np.float32) / 255
    blend_mask(img, mask, 0, 0, rgb("#f3e9ff"))
    tiny = font("LiberationSans-Regular", w * 0.024)
    mask = np.asarray(text_mask((w, h), "A FOOTLIGHT FILM", tiny, (w / 2, h * 0.982), w * 0.011), np.float32) / 255
    blend_mask(img, mask * 0.8, 0, 0, rgb("#cfc6ff"))


POSTER = {"middle": -190.0, "time": 4.25}
HERO = {"middle": 0.0, "time": 6.8}
