"""Drawing helpers of the sample media renderer (numpy and Pillow).

Scenes are described in world units: the frame is 1080 units high whatever its
size in pixels, and x = 0 is the middle of the scene. A `View` maps them to
pixels, so that the same scene renders as film, poster and hero.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FPS = 25
FRAMES = 400
LOOP = FRAMES / FPS
TAU = 2 * np.pi

FONT_DIRS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/truetype/liberation")


def rgb(code):
    """'#rrggbb' as three floats between 0 and 1."""
    code = code.lstrip("#")
    return np.array([int(code[i:i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


def mix(a, b, t):
    return a + (b - a) * t


def smooth(lo, hi, x):
    t = np.clip((x - lo) / (hi - lo), 0, 1)
    return t * t * (3 - 2 * t)


def ramp(stops, at):
    """Colours of a gradient: `stops` is [(position, '#rrggbb'), …]."""
    places = [p for p, _ in stops]
    colours = np.array([rgb(c) for _, c in stops])
    return np.stack([np.interp(at, places, colours[:, i]) for i in range(3)], -1).astype(np.float32)


def wave(t, cycles, phase=0.0):
    """A sine that repeats `cycles` times in the loop; `phase` in turns."""
    return np.sin(TAU * (cycles * t / LOOP + phase))


class View:
    """A frame of `width` x `height` pixels whose middle shows world x = `middle`."""

    def __init__(self, width, height, middle=0.0):
        self.w, self.h, self.middle = width, height, middle
        self.u = height / 1080
        self.x = ((np.arange(width) + 0.5 - width / 2) / self.u + middle).astype(np.float32)
        self.y = ((np.arange(height) + 0.5) / self.u).astype(np.float32)

    def px(self, x):
        return (x - self.middle) * self.u + self.w / 2

    def py(self, y):
        return y * self.u

    def rows(self, top, bottom):
        """The pixel rows between two heights, cut to the frame."""
        return (int(np.clip(np.floor(top * self.u), 0, self.h)),
                int(np.clip(np.ceil(bottom * self.u), 0, self.h)))


def periodic_noise(height, width, slope, seed, stretch=1.0):
    """Fractal noise that wraps in both directions, scaled to mean 0, deviation 1."""
    rng = np.random.default_rng(seed)
    fy = np.fft.fftfreq(height)[:, None] * height
    fx = np.fft.rfftfreq(width)[None, :] * width * stretch
    radius = np.sqrt(fy * fy + fx * fx)
    radius[0, 0] = 1
    spectrum = np.fft.rfft2(rng.standard_normal((height, width))) / radius ** slope
    spectrum[0, 0] = 0
    field = np.fft.irfft2(spectrum, s=(height, width))
    return (field / field.std()).astype(np.float32)


def below(img, view, edge, colours, bottom=1080.0, alpha=1.0):
    """Fill under the curve `edge` (world y for each column) down to `bottom`.

    `colours` maps world y (an array of rows) to colours, or is one colour.
    """
    r0, r1 = view.rows(float(edge.min()) - 2, bottom)
    if r1 <= r0:
        return
    y = view.y[r0:r1]
    cover = np.clip((y[:, None] - edge[None, :]) * view.u + 0.5, 0, 1)
    if alpha != 1.0:
        cover = cover * alpha
    colour = colours(y)[:, None, :] if callable(colours) else colours
    part = img[r0:r1]
    part += cover[..., None] * (colour - part)


def blend_mask(img, mask, x0, y0, colour):
    """Blend `colour` through a float mask whose corner is at pixel (x0, y0)."""
    h, w = mask.shape
    ax, ay = max(0, x0), max(0, y0)
    bx, by = min(img.shape[1], x0 + w), min(img.shape[0], y0 + h)
    if bx <= ax or by <= ay:
        return
    part = img[ay:by, ax:bx]
    m = mask[ay - y0:by - y0, ax - x0:bx - x0, None]
    part += m * (colour - part)


def polygon_mask(view, shapes, ss=4, blur=0.0, pad=2):
    """Antialiased union of polygons in world units, as (mask, x0, y0) or None."""
    pts = [np.stack([view.px(np.asarray(s)[:, 0]), view.py(np.asarray(s)[:, 1])], 1) for s in shapes]
    every = np.concatenate(pts)
    extra = pad + int(3 * blur)
    x0, y0 = np.floor(every.min(0)).astype(int) - extra
    x1, y1 = np.ceil(every.max(0)).astype(int) + extra
    x0, y0 = max(x0, -extra), max(y0, -extra)
    x1, y1 = min(x1, view.w + extra), min(y1, view.h + extra)
    if x1 <= x0 or y1 <= y0:
        return None
    sheet = Image.new("L", ((x1 - x0) * ss, (y1 - y0) * ss), 0)
    draw = ImageDraw.Draw(sheet)
    for p in pts:
        draw.polygon([tuple(q) for q in ((p - (x0, y0)) * ss)], fill=255)
    sheet = sheet.resize((x1 - x0, y1 - y0), Image.Resampling.BOX)
    if blur:
        sheet = sheet.filter(ImageFilter.GaussianBlur(blur))
    return np.asarray(sheet, np.float32) / 255, x0, y0


def polygon(img, view, shapes, colour, alpha=1.0, ss=4, blur=0.0):
    made = polygon_mask(view, shapes, ss, blur)
    if made:
        mask, x0, y0 = made
        blend_mask(img, mask * alpha, x0, y0, colour)


def disc(img, view, x, y, radius, colour, alpha=1.0, soft=0.0):
    """A filled circle; `colour` is one colour or a function of world y; `soft` widens its edge."""
    reach = radius + soft + 2
    r0, r1 = view.rows(y - reach, y + reach)
    c0, c1 = [int(np.clip(v, 0, view.w)) for v in (view.px(x - reach), view.px(x + reach) + 1)]
    if r1 <= r0 or c1 <= c0:
        return
    far = np.hypot(view.x[None, c0:c1] - x, view.y[r0:r1, None] - y)
    edge = max(soft, 0.5 / view.u)
    mask = alpha * smooth(radius + edge, radius - edge, far)
    tint = colour(view.y[r0:r1])[:, None, :] if callable(colour) else colour
    part = img[r0:r1, c0:c1]
    part += mask[..., None] * (tint - part)


def glow(img, view, x, y, radius, colour, strength=1.0, power=2.0):
    """Add light that falls off around a point."""
    reach = radius * 2.6
    r0, r1 = view.rows(y - reach, y + reach)
    c0, c1 = [int(np.clip(v, 0, view.w)) for v in (view.px(x - reach), view.px(x + reach) + 1)]
    if r1 <= r0 or c1 <= c0 or strength <= 0:
        return
    gx = (view.x[c0:c1] - x) / radius
    gy = (view.y[r0:r1] - y) / radius
    far = gx[None, :] ** 2 + gy[:, None] ** 2
    light = np.exp(-(far ** (power / 2))) - np.exp(-(2.6 ** power))
    img[r0:r1, c0:c1] += np.clip(light, 0, 1)[..., None] * (colour * strength)


def roll_over(img, sheet, alpha, shift, top):
    """Composite a wrapping layer (premultiplied `sheet` + `alpha`) scrolled left by `shift` pixels."""
    height, tile = alpha.shape
    width = img.shape[1]
    y1 = min(img.shape[0], top + height)
    x, at = 0, int(round(shift)) % tile
    while x < width:
        run = min(tile - at, width - x)
        part = img[top:y1, x:x + run]
        part *= 1 - alpha[:y1 - top, at:at + run, None]
        part += sheet[:y1 - top, at:at + run]
        x, at = x + run, 0


def font(name, size):
    for folder in FONT_DIRS:
        try:
            return ImageFont.truetype(f"{folder}/{name}.ttf", max(1, int(round(size))))
        except OSError:
            continue
    raise SystemExit(f"font {name} is missing: apt-get install fonts-dejavu fonts-liberation")


def text_mask(size, text, face, centre, tracking=0.0):
    """A mask of `size` with letter-spaced text centred on `centre` (x, baseline y)."""
    advances = [face.getlength(c) for c in text]
    x = centre[0] - (sum(advances) + tracking * (len(text) - 1)) / 2
    sheet = Image.new("L", size, 0)
    draw = ImageDraw.Draw(sheet)
    for c, step in zip(text, advances):
        draw.text((x, centre[1]), c, font=face, fill=255, anchor="ls")
        x += step + tracking
    return sheet


def to_bytes(img, grain):
    """8-bit RGB with a still dither, so that gradients do not band."""
    return (np.clip(img, 0, 1) * 254 + grain).astype(np.uint8)


def dither(height, width):
    """Triangular noise of about one code value, the same in every frame."""
    rng = np.random.default_rng(5)
    return (0.5 + 0.5 * (rng.random((height, width, 1)) + rng.random((height, width, 1)) - 0.5)).astype(np.float32)
