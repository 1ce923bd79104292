"""The brushes: sky, karst ranges, mist, water, shapes, grain.

A canvas is an array of floats (0..1, sRGB) and one random stream, so that the same seed always paints the same picture.
It knows nothing of places; those are in scenes.py.
"""
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import gaussian_filter, map_coordinates, zoom

LIMIT = 345_000  # bytes of a finished JPEG


def rgb(colour):
    """'#rrggbb' or a triple → array of three floats."""
    if isinstance(colour, str):
        return np.array([int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)], np.float32)
    return np.asarray(colour, np.float32)


def mix(a, b, t):
    return rgb(a) * (1 - t) + rgb(b) * t


def smooth(a, b, x):
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


class Canvas:
    def __init__(self, width=1920, height=1080, seed=1):
        self.w, self.h = width, height
        self.rng = np.random.default_rng(seed)
        self.img = np.zeros((height, width, 3), np.float32)
        self.Y, self.X = np.mgrid[0:height, 0:width].astype(np.float32)

    # ---- fields -------------------------------------------------------------------------------------------------
    def noise(self, sx, sy=None, octaves=4):
        """Fractal noise 0..1; sx, sy: size in pixels of the largest grain."""
        sy = sy or sx
        out, weight, total = np.zeros((self.h, self.w), np.float32), 1.0, 0.0
        for _ in range(octaves):
            rows, cols = int(self.h / sy) + 4, int(self.w / sx) + 4
            grid = self.rng.random((rows, cols)).astype(np.float32)
            yy = np.linspace(1, 1 + self.h / sy, self.h)
            xx = np.linspace(1, 1 + self.w / sx, self.w)
            big = zoom(grid, (min(self.h / rows, 1) or 1, 1), order=1) if rows > self.h else grid
            yy = yy * big.shape[0] / rows
            out += weight * map_coordinates(big, np.meshgrid(yy, xx, indexing="ij"), order=1 if sx < 3 else 3, mode="reflect")
            total += weight
            weight, sx, sy = weight / 2, max(sx / 2, 1.5), max(sy / 2, 1.5)
        return np.clip((out / total - 0.5) * 1.6 + 0.5, 0, 1)

    def line(self, scale, octaves=5):
        """Fractal noise along x, −1..1."""
        x, out, weight = np.arange(self.w), np.zeros(self.w), 1.0
        for _ in range(octaves):
            knots = self.rng.uniform(-1, 1, int(self.w / scale) + 4)
            out += weight * map_coordinates(knots, [x / scale + 1], order=3, mode="reflect")
            weight, scale = weight / 2, max(scale / 2, 2)
        return out / 2

    # ---- laying colour ------------------------------------------------------------------------------------------
    def lay(self, mask, colour):
        colour = rgb(colour) if np.ndim(colour) < 3 else colour
        m = np.clip(mask, 0, 1)[..., None]
        self.img = self.img * (1 - m) + colour * m

    def screen(self, amount, colour):
        self.img = 1 - (1 - self.img) * (1 - np.clip(amount, 0, 1)[..., None] * rgb(colour))

    def gradient(self, stops, top=0, bottom=None):
        """Vertical gradient as an image; stops [(0..1, colour)]."""
        bottom = bottom or self.h
        t = np.clip((self.Y[:, 0] - top) / (bottom - top), 0, 1)
        at, colours = [s[0] for s in stops], np.array([rgb(s[1]) for s in stops])
        column = np.stack([np.interp(t, at, colours[:, i]) for i in range(3)], -1)
        return np.repeat(column[:, None], self.w, 1).astype(np.float32)

    def sky(self, *stops, bottom=None):
        self.img = self.gradient(stops, 0, bottom)

    def glow(self, x, y, radius, colour, strength=1.0, stretch=1.0):
        d = np.hypot(self.X - x, (self.Y - y) * stretch) / radius
        self.screen(strength * np.exp(-d * d * 2.2), colour)

    def disc(self, x, y, r, colour, strength=1.0):
        self.lay(strength * np.clip(r - np.hypot(self.X - x, self.Y - y) + 0.5, 0, 1), colour)

    def clouds(self, y, spread, colour, strength, sx=900, sy=90):
        n = self.noise(sx, sy, 5)
        self.lay(strength * smooth(0.5, 0.85, n) * np.exp(-((self.Y - y) / spread) ** 2), colour)

    def mist(self, y, spread, colour, strength=0.8, sx=700):
        n = self.noise(sx, max(spread, 40), 4)
        self.lay(strength * (0.45 + 0.75 * n) * np.exp(-((self.Y - y) / spread) ** 2), colour)

    # ---- karst --------------------------------------------------------------------------------------------------
    def towers(self, count, tall, wide, rough=0.05, at=None):
        """Profile of a karst range: heights above its foot, and across each tower −1..1."""
        x = np.arange(self.w) + self.line(90) * wide * 0.10
        best, across = np.full(self.w, -1.0), np.zeros(self.w)
        if at is None:
            step = self.w / count
            at = [((i + self.rng.uniform(0.1, 0.9)) * step, self.rng.uniform(0.5, 1), self.rng.uniform(0.7, 1.3)) for i in range(-1, count + 1)]
        for centre, high, broad in at:
            u = (x - centre) / (wide * broad)
            u = np.where(u < 0, u * self.rng.uniform(0.85, 1.25), u * self.rng.uniform(0.85, 1.25))
            p, r = self.rng.uniform(1.5, 2.3), self.rng.uniform(0.75, 1.1)
            h = tall * high * np.where(abs(u) < 1, (1 - np.minimum(abs(u), 1) ** p) ** r, 0)
            across = np.where(h > best, u, across)
            best = np.maximum(best, h)
        return best + self.line(70, 6) * tall * rough + tall * rough * 0.5, across

    def range(self, foot, profile, light, dark, low, fade=260, sun=-1, detail=1.0, hole=None):
        """A range of lit and shaded flanks that sinks into `low` (mist) towards its foot. Returns its mask."""
        heights, across = profile
        depth = self.Y - (foot - heights)[None]
        mask = np.clip(depth + 0.5, 0, 1)
        if hole is not None:
            mask = mask * (1 - hole)
        n = self.noise(110, 170, 5)
        fine = self.noise(26, 18, 4)
        edge = -sun * across[None] * 1.3 + (n - 0.5) * 2.2 * detail + (fine - 0.5) * 0.5 * detail
        lit = 1 - smooth(-0.16, 0.2, edge)
        tone = rgb(dark) * (1 - lit[..., None]) + rgb(light) * lit[..., None]
        tone = tone * (1 + (fine - 0.5)[..., None] * 0.16 * detail)
        sink = smooth(0.0, 1.0, depth / fade)[..., None]
        self.lay(mask, tone * (1 - sink) + rgb(low) * sink)
        return mask

    # ---- water --------------------------------------------------------------------------------------------------
    def water(self, y0, near, far, ripple=7.0, mirror=0.6, region=None):
        """Mirrors what is above y0 below it, tinted from far (at y0) to near (at the bottom edge)."""
        rows = np.arange(y0, self.h)
        t = (rows - y0) / (self.h - y0)
        n1, n2 = self.noise(260, 7, 3)[y0:], self.noise(120, 16, 3)[y0:]
        source_y = y0 - 1 - (rows - y0)[:, None] * 0.92 + (n1 - 0.5) * ripple * 6 * (0.25 + t[:, None])
        source_x = self.X[y0:] + (n2 - 0.5) * ripple * 5 * (0.2 + t[:, None])
        soft = gaussian_filter(self.img, (2.5, 1.2, 0))
        seen = np.stack([map_coordinates(soft[..., i], [np.clip(source_y, 0, y0 - 1), source_x], order=1, mode="reflect") for i in range(3)], -1)
        tint = rgb(far) * (1 - t[:, None, None]) + rgb(near) * t[:, None, None]
        m = mirror * (1 - 0.55 * t)[:, None, None]
        out = seen * m + tint * (1 - m)
        out += (smooth(0.62, 0.9, n1) * (0.05 + 0.10 * t[:, None]))[..., None]
        full = self.img.copy()
        full[y0:] = out
        self.lay(np.ones((self.h, self.w)) * (self.Y >= y0) if region is None else region * (self.Y >= y0), full)

    # ---- shapes -------------------------------------------------------------------------------------------------
    def paint(self, draw, blur=0.0, strength=1.0, scale=2):
        """draw(d, s): PIL drawing on a clear layer s times as large, laid over the picture."""
        layer = Image.new("RGBA", (self.w * scale, self.h * scale), (0, 0, 0, 0))
        draw(ImageDraw.Draw(layer), scale)
        array = np.asarray(layer, np.float32) / 255
        array[..., :3] *= array[..., 3:]
        array = array.reshape(self.h, scale, self.w, scale, 4).mean((1, 3))
        if blur:
            array = gaussian_filter(array, (blur, blur, 0))
        self.img = self.img * (1 - array[..., 3:] * strength) + array[..., :3] * strength

    def mask(self, draw, blur=0.0, scale=2):
        layer = Image.new("L", (self.w * scale, self.h * scale), 0)
        draw(ImageDraw.Draw(layer), scale)
        out = np.asarray(layer, np.float32).reshape(self.h, scale, self.w, scale).mean((1, 3)) / 255
        return gaussian_filter(out, blur) if blur else out

    def foliage(self, tops, colours, size=(10, 26), density=1.0, bottom=None, lift=0.35):
        """Crowns of trees below the line `tops` (one y for each x): small lobes, lighter where the sky reaches them."""
        bottom = bottom or self.h
        room = float(np.clip(bottom - tops, 0, None).sum())
        count = int(room / (size[0] * size[1]) * 2.2 * density)
        xs = self.rng.uniform(-20, self.w + 20, count)
        top = np.interp(xs, np.arange(self.w), tops)
        ys = top + (bottom - top) * self.rng.random(count) ** 1.25
        order = np.argsort(ys - self.rng.uniform(0, 30, count))
        dark, light = rgb(colours[0]), rgb(colours[1])

        def draw(d, s):
            d.polygon([(x * s, (tops[x] + size[1] * 0.6) * s) for x in range(0, self.w, 4)] + [(self.w * s, bottom * s), (0, bottom * s)], fill=byte(dark))
            for i in order:
                x, y = xs[i], ys[i]
                r = self.rng.uniform(*size)
                t = np.clip(1 - (y - top[i]) / (size[1] * 7), 0, 1) * 0.8 + self.rng.uniform(0, 0.2)
                low, high = mix(dark, light, t * 0.75), mix(dark, light, min(1, t + lift))
                d.ellipse([(x - r) * s, (y - r * 0.8) * s, (x + r) * s, (y + r * 0.8) * s], fill=byte(low))
                d.ellipse([(x - r * 0.75) * s, (y - r * 0.8) * s, (x + r * 0.35) * s, (y + r * 0.1) * s], fill=byte(high))
        self.paint(draw)

    # ---- the end ------------------------------------------------------------------------------------------------
    def finish(self, grain=0.012, vignette=0.16, warmth=0.0):
        d = np.hypot((self.X / self.w - 0.5) * 1.1, self.Y / self.h - 0.5)
        self.img *= 1 - vignette * smooth(0.35, 0.85, d)[..., None]
        g = gaussian_filter(self.rng.standard_normal((self.h, self.w)), 0.8) * 2
        self.img = np.clip(self.img + (g * grain)[..., None] + rgb((warmth, 0, -warmth)), 0, 1)

    def image(self):
        return Image.fromarray((self.img * 255 + 0.5).astype(np.uint8))

    def save(self, path):
        """JPEG of at most LIMIT bytes, as good as that allows, without metadata."""
        for quality in range(88, 60, -2):
            out = io.BytesIO()
            self.image().save(out, "JPEG", quality=quality, optimize=True, progressive=True)
            if out.tell() <= LIMIT:
                break
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(out.getvalue())
        return out.tell(), quality


def byte(colour, alpha=255):
    r, g, b = np.clip(rgb(colour) * 255, 0, 255).astype(int)
    return int(r), int(g), int(b), alpha
