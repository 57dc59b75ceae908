"""Tidewater: the sea at dusk. Layered swell, a low sun, a lighthouse, a sail, gulls."""

import numpy as np

from canvas import (LOOP, TAU, below, blend_mask, disc, font, glow, mix, periodic_noise, polygon,
                    ramp, rgb, smooth, text_mask, wave)

HORIZON = 610.0
SUN = (250.0, 545.0, 142.0)
LAMP = (-574.0, 372.0)

SKY = [(0, "#131a3e"), (170, "#27265c"), (320, "#573277"), (430, "#a2446f"), (520, "#e8705a"),
       (585, "#fba75c"), (612, "#ffcf80")]
SEA = [(610, "#f3a163"), (640, "#c2687a"), (700, "#7c4a80"), (800, "#3d3a74"), (930, "#1d2a59"), (1080, "#0d1738")]

# Of each swell, far to near: baseline, height, wavelength, speed in wavelengths a loop.
SWELL = [(622, 1.6, 150, 3), (640, 2.6, 210, -3), (664, 4.2, 280, 3), (698, 6.5, 370, -3),
         (744, 10, 500, 3), (802, 15, 660, -2), (872, 21, 860, 2), (956, 28, 1150, -2)]


class Scene:
    def __init__(self, view):
        self.view = view
        v = view
        img = np.repeat(ramp(SKY, v.y)[:, None, :], v.w, 1)
        img[v.y > HORIZON] = ramp(SEA, v.y[v.y > HORIZON])[:, None, :]
        glow(img, v, SUN[0], SUN[1], 480, rgb("#f0603c"), 0.30, 1.5)
        glow(img, v, SUN[0], SUN[1], 260, rgb("#ffc46b"), 0.40, 1.6)
        self.sky = img
        self.stars = self.make_stars()
        rows = v.rows(60, 600)
        height = rows[1] - rows[0]
        tile = int(2600 * v.u)
        field = periodic_noise(height, tile, 1.75, 21, stretch=0.2)
        tall = np.linspace(0, 1, height)[:, None]
        body = smooth(0.0, 1.5, field - 0.1) * smooth(0.08, 0.5, tall) * smooth(1.0, 0.86, tall)
        self.cloud_rows = rows
        self.cloud = body.astype(np.float32)
        lit = ramp([(60, "#4a3a7c"), (300, "#a0508a"), (430, "#f08068"), (540, "#ffb872"), (600, "#ffd391")], v.y[rows[0]:rows[1]])
        self.cloud_colour = lit[:, None, :]

    def make_stars(self):
        rng = np.random.default_rng(3)
        return [(rng.uniform(-960, 960), rng.uniform(10, 260), rng.uniform(0.9, 1.7),
                 rng.integers(1, 5), rng.random()) for _ in range(70)]

    def frame(self, t):
        img = self.sky.copy()
        self.draw_stars(img, t)
        self.draw_clouds(img, t)
        self.draw_sun(img, t)
        self.draw_far_land(img)
        self.draw_beam(img, t)
        self.draw_land(img)
        self.draw_lamp(img, t)
        self.draw_gulls(img, t)
        self.draw_sea(img, t)
        return img

    def draw_stars(self, img, t):
        for x, y, size, cycles, phase in self.stars:
            light = (0.55 + 0.35 * wave(t, cycles, phase)) * smooth(300, 60, y)
            disc(img, self.view, x, y, size, rgb("#fff3dc"), light, 0.8)

    def draw_clouds(self, img, t):
        """Two passes of the drifting field, one fading into the other: a drift that loops."""
        r0, r1 = self.cloud_rows
        done = t / LOOP
        cover = 0
        for pass_time, weight in ((t, 1 - done), (t - LOOP, done)):
            at = (pass_time * 7 + 400) * self.view.u + self.view.middle * self.view.u
            whole, part = int(np.floor(at)), at - np.floor(at)
            take = np.arange(whole, whole + self.view.w + 1) % self.cloud.shape[1]
            strip = self.cloud[:, take]
            cover = cover + weight * ((1 - part) * strip[:, :-1] + part * strip[:, 1:])
        sky = img[r0:r1]
        sky += (0.66 * cover)[..., None] * (self.cloud_colour - sky)

    def draw_sun(self, img, t):
        v = self.view
        x, y, r = SUN
        breath = 1 + 0.03 * wave(t, 2)
        glow(img, v, x, y, 190 * breath, rgb("#ffb45e"), 0.35, 1.5)
        shade = lambda rows: ramp([(y - r, "#fff6d0"), (y, "#ffe29a"), (y + 70, "#ff9d55")], rows)
        disc(img, v, x, y, r, shade, 1.0, 0.7)
        r0, r1 = v.rows(y - 60, HORIZON)
        for k, (dy, thick, reach, phase) in enumerate([(-34, 5, 190, 0.1), (4, 8, 260, 0.4), (34, 6, 230, 0.75)]):
            shift = 26 * wave(t, 1, phase)
            xs = v.x - (x + shift + (k - 1) * 40)
            half = thick * np.sqrt(np.clip(1 - (xs / reach) ** 2, 0, 1))
            rows = v.y[r0:r1]
            mask = np.clip((half[None, :] - abs(rows[:, None] - (y + dy + 2 * np.sin(xs / 50)[None, :]))) * v.u + 0.5, 0, 1)
            mask *= (half > 0.2)[None, :]
            part = img[r0:r1]
            part += (0.55 * mask)[..., None] * (rgb("#e8735f") - part)

    def draw_far_land(self, img):
        x = self.view.x
        ridge = 604 - 34 * np.exp(-((x - 760) / 210) ** 2) - 20 * np.exp(-((x - 520) / 90) ** 2) \
            - 10 * np.exp(-((x - 930) / 60) ** 2) + 3 * np.sin(x / 23) * np.exp(-((x - 760) / 260) ** 2)
        ridge = ridge + 30 * smooth(560, 412, x)
        if x.max() > 410:
            from_here = int(np.searchsorted(x, 410))
            below(img[:, from_here:], self.view, ridge[from_here:], rgb("#a14f6c"), 624, 0.9)

    def draw_land(self, img):
        x, v = self.view.x, self.view
        back = 625 - 92 * smooth(-420, -690, x) - 60 * smooth(-700, -960, x) + (7 * np.sin(x / 31) + 3 * np.sin(x / 11)) * smooth(-440, -560, x)
        shore = int(np.searchsorted(x, -450))
        if shore == 0:
            return
        img = img[:, :shore]
        below(img, v, back[:shore], lambda y: ramp([(430, "#5b3163"), (620, "#7a3d62")], y), 640)
        front = 634 - 118 * smooth(-478, -560, x) * smooth(-960, -640, x) \
            - (6 * np.sin(x / 27) + 3 * np.sin(x / 9)) * smooth(-490, -620, x)
        lx = LAMP[0]
        polygon(img, v, [[(lx - 20, 530), (lx - 13, 388), (lx + 13, 388), (lx + 20, 530)]], rgb("#e9c9b4"))
        polygon(img, v, [[(lx - 20, 530), (lx - 13, 388), (lx - 2, 388), (lx - 4, 530)]], rgb("#8d5c78"))
        for y, grow in ((420, 1.6), (470, 4.4)):
            w = 13 + grow
            polygon(img, v, [[(lx - w, y), (lx + w, y), (lx + w + 1.2, y + 22), (lx - w - 1.2, y + 22)]], rgb("#b0384f"))
        polygon(img, v, [[(lx - 18, 390), (lx + 18, 390), (lx + 18, 385), (lx - 18, 385)],
                         [(lx - 13, 360), (lx, 344), (lx + 13, 360)],
                         [(lx - 1, 346), (lx + 1, 346), (lx + 1, 332), (lx - 1, 332)]], rgb("#2c1c40"))
        polygon(img, v, [[(lx - 10, 385), (lx + 10, 385), (lx + 10, 360), (lx - 10, 360)]], rgb("#ffe9ae"))
        below(img, v, front[:shore], lambda y: ramp([(510, "#2f1d47"), (640, "#45284f")], y), 660)

    def draw_beam(self, img, t):
        """Two opposed beams turning once in eight seconds."""
        v = self.view
        for half in (0.0, 0.5):
            turn = TAU * (t / 8 + half)
            side, toward = np.cos(turn), np.sin(turn)
            reach = 1150 * abs(side) + 30
            r0, r1 = v.rows(LAMP[1] - 130, LAMP[1] + 130)
            dx = (v.x - LAMP[0]) * np.sign(side)
            keep = np.nonzero((dx > 0) & (dx < reach))[0]
            if len(keep) == 0:
                continue
            c0, c1 = keep[0], keep[-1] + 1
            along = dx[c0:c1]
            spread = 7 + along * (0.05 + 0.10 * (1 - abs(side)))
            across = abs(v.y[r0:r1, None] - LAMP[1]) / spread[None, :]
            light = np.clip(1 - across, 0, 1) ** 1.4 * (np.clip(1 - along / reach, 0, 1) ** 1.3)[None, :]
            gain = 0.42 * (0.55 + 0.45 * toward)
            img[r0:r1, c0:c1] += light[..., None] * (rgb("#ffe2a8") * gain)

    def draw_lamp(self, img, t):
        facing = max(np.sin(TAU * t / 8), np.sin(TAU * (t / 8 + 0.5)))
        flash = smooth(0.86, 1.0, facing)
        glow(img, self.view, LAMP[0], LAMP[1], 26, rgb("#ffdf9e"), 0.45 + 0.25 * flash)
        glow(img, self.view, LAMP[0], LAMP[1], 120, rgb("#ffcf8a"), 0.5 * flash, 1.2)

    def draw_gulls(self, img, t):
        for k, (x0, y0, size, flaps, rise) in enumerate([(-300, 300, 30, 14, 40), (-215, 345, 24, 16, 30), (-405, 358, 22, 15, 36),
                                                        (-520, 300, 19, 17, 50), (620, 395, 15, 16, 16)]):
            way = (x0 + 1100 + 2200 * t / LOOP) % 2200 - 1100
            y = y0 - rise * np.sin(TAU * t / LOOP + k) + 8 * wave(t, 3, k * 0.2)
            beat = wave(t, flaps, k * 0.31)
            lift = 0.34 * beat + 0.12
            for side in (-1, 1):
                s = np.linspace(0, 1, 12)
                wx = way + side * size * s * (1 - 0.10 * abs(beat))
                wy = y - size * (np.sin(s * 2.3) * (0.30 + lift) - 0.35 * s * s * (1 - beat))
                thick = size * 0.085 * (1 - s) + 0.5
                shape = np.concatenate([np.stack([wx, wy - thick], 1), np.stack([wx, wy + thick], 1)[::-1]])
                polygon(img, self.view, [shape], rgb("#2a1c46"), 0.92)

    def edge(self, i, t):
        base, height, length, cycles = SWELL[i]
        x = self.view.x
        k = TAU / length
        turn = TAU * t / LOOP
        return base + height * (0.62 * np.sin(k * x + cycles * turn + i * 1.9)
                                + 0.30 * np.sin(1.7 * k * x - (cycles + 1) * turn + i * 4.1)
                                + 0.16 * np.sin(3.1 * k * x + (cycles * 2) * turn + i * 2.3)) \
            + 0.35 * height * np.sin(2 * turn + i)

    def draw_sea(self, img, t):
        v = self.view
        edges = [self.edge(i, t) for i in range(len(SWELL))]
        self.glints(img, np.full(v.w, HORIZON + 2, np.float32), 0, t, 8)
        for i, edge in enumerate(edges):
            bottom = float(edges[i + 1].max()) + 2 if i + 1 < len(edges) else 1080
            base, height = SWELL[i][0], SWELL[i][1]
            depth = (SWELL[i + 1][0] - base if i + 1 < len(SWELL) else 150) + height
            top, low = ramp(SEA, base - 6.0), ramp(SEA, base + depth * 0.9)
            lift = mix(top, mix(rgb("#ffa878"), rgb("#6a63b8"), min(1, i / 6)), 0.20)
            below(img, v, edge, lambda y: mix(lift, low, smooth(base - height, base + depth, y)[:, None]), bottom)
            self.crest(img, edge, i)
            self.glints(img, edge, i + 1, t, depth)
            if i == 4:
                self.draw_boat(img, t)

    def crest(self, img, edge, i):
        """A thin light along the top of a swell, strongest under the sun."""
        v = self.view
        thick = 1.1 + 0.5 * i
        r0, r1 = v.rows(edge.min() - 1, edge.max() + thick * 3)
        down = v.y[r0:r1, None] - edge[None, :]
        column = 0.16 + 0.75 * np.exp(-((v.x - SUN[0]) / (190 + 34 * i)) ** 2)
        mask = np.clip(down * v.u + 0.5, 0, 1) * np.exp(-np.clip(down, 0, None) / thick)
        part = img[r0:r1]
        part += (mask * column[None, :] * 0.85)[..., None] * (rgb("#ffc488") - part)

    def glints(self, img, edge, i, t, depth):
        """Broken lines of sunlight lying on the water under the sun."""
        v = self.view
        turn = TAU * t / LOOP
        lines = 2 + (i > 3) + (i > 6)
        for j in range(lines):
            down = depth * (0.22 + 0.72 * j / lines)
            size = 26 + 17 * i
            x = v.x - SUN[0]
            flow = np.sin(x / size * 1.9 + (2 + j) * turn + 2.1 * i + j) + 0.8 * np.sin(x / size * 1.13 - 3 * turn + 5.3 * j + i)
            beat = 0.28 * np.sin(4 * turn + 1.7 * i + 2.6 * j)
            column = np.exp(-(x / (120 + 17 * i)) ** 2)
            lit = smooth(0.25, 1.1, flow + beat + 1.1 * column - 0.75) * smooth(0.03, 0.35, column)
            half = (1.0 + 0.62 * i) * np.sqrt(lit)
            at = edge + down
            r0, r1 = v.rows(at.min() - 12, at.max() + 12)
            mask = np.clip((half[None, :] - abs(v.y[r0:r1, None] - at[None, :])) * v.u + 0.5, 0, 1) * np.minimum(lit * 3, 1)[None, :]
            part = img[r0:r1]
            tone = mix(rgb("#ffe3a1"), rgb("#ff9468"), min(1, i / 9))
            part += (mask * (0.95 - 0.03 * i))[..., None] * (tone - part)

    def draw_boat(self, img, t):
        v = self.view
        bx = -190 + 46 * wave(t, 1, 0.1)
        by = 752 + 7 * wave(t, 3, 0.35)
        lean = 0.045 * wave(t, 3, 0.1) + 0.03
        cos, sin = np.cos(lean), np.sin(lean)
        place = lambda pts: [(bx + x * cos - y * sin, by + x * sin + y * cos) for x, y in pts]
        polygon(img, v, [place([(-62, -14), (70, -20), (46, 10), (-44, 10)])], rgb("#2b1a40"))
        polygon(img, v, [place([(-62, -14), (70, -20), (67, -15), (-60, -9)])], rgb("#e98a68"))
        polygon(img, v, [place([(-1.6, -14), (1.6, -14), (1.2, -176), (-1.2, -176)])], rgb("#2b1a40"))
        belly = [(4, -168), (26, -120), (50, -60), (60, -30), (5, -24)]
        polygon(img, v, [place(belly)], rgb("#fff0d2"))
        polygon(img, v, [place([(4, -168), (15, -110), (22, -26), (5, -24)])], rgb("#f3b994"))
        polygon(img, v, [place([(-5, -152), (-24, -96), (-50, -26), (-6, -26)])], rgb("#e58b74"))
        for k in range(5):
            width = 50 - 7 * k + 8 * wave(t, 4, k * 0.23)
            y = by + 15 + 11 * k
            x = bx + 6 * wave(t, 3, k * 0.3)
            polygon(img, v, [[(x - width, y), (x, y - 2.6), (x + width, y), (x, y + 2.6)]], rgb("#2a2150"), 0.55 - 0.08 * k)


def letter(img, view):
    """The poster's title, set wide in a light serif over the sky."""
    size = (view.w, view.h)
    w, h = size
    face = font("DejaVuSerifCondensed", w * 0.108)
    mask = np.asarray(text_mask(size, "TIDEWATER", face, (w / 2, h * 0.185), w * 0.021), np.float32) / 255
    blend_mask(img, mask, 0, 0, rgb("#fff1d6"))
    small = font("LiberationSerif-Italic", w * 0.046)
    mask = np.asarray(text_mask(size, "what the sea keeps, it returns", small, (w / 2, h * 0.235), w * 0.002), np.float32) / 255
    blend_mask(img, mask * 0.92, 0, 0, rgb("#ffd3a6"))
    rule = h * 0.108
    y0 = int(rule)
    img[y0:y0 + max(2, int(h * 0.0016)), int(w * 0.44):int(w * 0.56)] = rgb("#ffd3a6")
    tiny = font("LiberationSans-Regular", w * 0.024)
    mask = np.asarray(text_mask(size, "A FOOTLIGHT FILM", tiny, (w / 2, h * 0.958), w * 0.011), np.float32) / 255
    blend_mask(img, mask * 0.8, 0, 0, rgb("#ffd9b8"))


POSTER = {"middle": 60.0, "time": 5.5}
HERO = {"middle": 0.0, "time": 10.8}
