"""Houses, crafts and feasts: the pictures that are not wide landscapes. Each function returns its canvas."""
import math

import numpy as np
from scipy.ndimage import gaussian_filter

from canvas import Canvas, byte, mix, rgb, smooth


def nguom_ngao():
    """Ngườm Ngao cave: dripstone in warm light."""
    c = Canvas(seed=61)
    c.sky((0, "#3b2430"), (0.45, "#b0683f"), (0.6, "#e8ad62"), (1, "#5a3533"))
    c.glow(1010, 560, 760, "#ffd890", 0.95, 1.25)
    c.lay(0.3 * c.noise(160, 300, 5), "#8a4d3a")
    c.glow(1010, 560, 360, "#fff0c4", 0.8, 1.1)
    far = [("#d99a5c", "#f5cf8e", 46, 280, 26), ("#a8653f", "#dd9a58", 30, 380, 42), ("#6d3d34", "#b06a44", 20, 470, 62), ("#321d2a", "#6a3a35", 13, 560, 95)]
    for k, (dark, light, count, long, wide) in enumerate(far):
        opening = 0.25 + 0.75 * smooth(0.10, 0.9 - 0.08 * k, abs(np.arange(c.w) - 1000) / 960)
        for floor in (False, True):
            h = np.zeros(c.w) + (70 + 36 * k) * opening + c.line(160) * 22
            for _ in range(count):
                x, tall, w = c.rng.uniform(0, c.w), c.rng.uniform(0.35, 1), wide * c.rng.uniform(0.6, 1.5)
                u = abs(np.arange(c.w) + c.line(60, 3) * 5 - x) / w
                spike = long * (0.8 if floor else 1) * tall * np.interp(x, np.arange(c.w), opening) * np.exp(-u ** (1.15 if not floor else 1.35) * 1.8)
                h = np.maximum(h, h * 0.55 + spike)
            h *= 0.62 if floor else 1
            depth = (c.Y - (c.h - 60 * (3 - k) * 0.9 - h)[None]) if floor else (h[None] - c.Y)
            slope = np.gradient(gaussian_filter(h, 2))[None] * (-1 if floor else 1)
            toward = np.sign(1000 - c.X)
            lit = smooth(-0.6, 1.6, -slope * toward) * 0.75 + 0.25 * c.noise(12, 160, 4)
            rings = 0.5 + 0.5 * np.sin(c.Y / 9 + c.noise(60, 60, 3) * 8)
            tone = rgb(dark) * (1 - lit)[..., None] + rgb(light) * lit[..., None]
            tone = tone * (0.94 + 0.1 * rings)[..., None]
            c.lay(np.clip(depth + 0.5, 0, 1), tone)
        c.glow(1010, 600, 620 - 90 * k, "#ffc477", 0.20)
    def people(d, s):
        for x, k in ((930, 1.0), (985, 0.9), (1100, 0.85)):
            p = lambda *pts: [((x + a * k) * s, (905 + b * k) * s) for a, b in pts]
            ink = byte("#2a1820")
            d.polygon(p((-13, 0), (-3, 0), (0, -36), (3, 0), (13, 0), (13, -60), (17, -84), (8, -92), (-8, -92), (-17, -84), (-13, -60)), fill=ink)
            d.ellipse(p((-10, -116), (10, -94)), fill=ink)
    c.paint(people)
    c.water(908, "#2a1a24", "#d08a4e", 4, 0.8)
    c.lay(0.45 * smooth(0.55, 0.85, c.noise(180, 5, 3)) * np.exp(-((c.X - 1010) / 330) ** 2) * (c.Y > 912), "#ffe0a0")
    c.finish(vignette=0.4)
    return c


def khuoi_ky():
    """Khuổi Ky: stilt houses of stone with tiled roofs, at dusk."""
    c = Canvas(seed=71)
    c.sky((0, "#34507a"), (0.3, "#8c8fb0"), (0.52, "#f0b894"), (0.62, "#fbd9a6"), (1, "#fbd9a6"))
    c.glow(420, 470, 560, "#ffd196", 0.7)
    c.clouds(180, 90, "#f3bfa4", 0.5, 1000, 60)
    c.range(660, c.towers(6, 380, 210), "#9b95a8", "#7d82a0", "#efc6a4", 380, -1, 0.6)
    c.range(700, c.towers(0, 560, 340, at=[(260, 0.75, 1), (900, 0.6, 0.8), (1400, 1, 1.1), (1860, 0.8, 0.9)]), "#6c8184", "#42607a", "#bfa99c", 560, -1)
    c.mist(640, 46, "#fbdcb8", 0.5)
    c.foliage(640 + c.line(170, 5) * 34, ("#2b4a50", "#7d8f6c"), (9, 20), 0.9, bottom=740)
    ground = c.gradient([(0, "#8a8a5e"), (1, "#39483f")], 715, 1080) * (0.88 + 0.24 * c.noise(120, 16, 5))[..., None]
    c.lay(np.clip(c.Y - 722, 0, 1), ground)
    for x, y, k in ((1650, 800, 0.62), (980, 790, 0.60), (330, 800, 0.66)):
        house(c, x, y, k)
    c.mist(800, 26, "#f3cfae", 0.35)
    for x, y, k in ((1330, 935, 1.05), (600, 950, 1.1)):
        house(c, x, y, k)
    wall(c, 0, 1920, 985, 1080, 40, ("#4b5254", "#8f8c80"))
    path = smooth(-3, 3, 46 + (c.Y - 940) * 0.7 - abs(c.X - 965 - (1080 - c.Y) * 0.05)) * smooth(938, 945, c.Y)
    c.lay(path, c.gradient([(0, "#c9ac83"), (1, "#8a7a66")], 940, 1080) * (0.85 + 0.3 * c.noise(40, 16, 3))[..., None])
    x = np.arange(c.w)
    c.foliage(1085 - 210 * np.exp(-(x / 240) ** 2) - 190 * np.exp(-((x - 1920) / 230) ** 2) + c.line(70, 5) * 26, ("#132c30", "#476650"), (10, 24), 0.9)
    c.finish(warmth=0.004)
    return c


def wall(c, x0, x1, y0, y1, size, tones):
    """Rubble masonry: rows of rounded stones of uneven width."""
    def draw(d, s):
        d.rectangle([x0 * s, y0 * s, x1 * s, y1 * s], fill=byte(mix(tones[0], "#000000", 0.35)))
        y = y0
        while y < y1:
            high, x = size * c.rng.uniform(0.5, 0.75), x0
            while x < x1:
                wide = size * c.rng.uniform(0.6, 1.5)
                tone = mix(*tones, c.rng.random())
                box = [(x + 1.5) * s, (y + 1.5) * s, max(min(x + wide - 1.5, x1), x + 2) * s, max(min(y + high - 1.5, y1), y + 2) * s]
                d.rounded_rectangle(box, size * 0.16 * s, fill=byte(tone))
                d.rounded_rectangle([box[0] + s, box[1] + s, max(box[2] - 3 * s, box[0] + s), max(box[1] + s, (box[1] + box[3]) / 2)], size * 0.12 * s, fill=byte(mix(tone, "#fff0d8", 0.16)))
                x += wide
            y += high
    c.paint(draw)


def house(c, x, y, k):
    """One stilt house: stone below, wood above, a roof of yin-yang tiles."""
    wall(c, x - 210 * k, x + 210 * k, y - 100 * k, y, 26 * k, ("#5f6263", "#b3a891"))
    wall(c, x - 210 * k, x - 120 * k, y - 210 * k, y - 98 * k, 24 * k, ("#5f6263", "#b3a891"))
    wall(c, x + 120 * k, x + 210 * k, y - 210 * k, y - 98 * k, 24 * k, ("#54585c", "#9d9484"))

    def draw(d, s):
        p = lambda *pts: [((x + a * k) * s, (y + b * k) * s) for a, b in pts]
        d.rectangle(p((-122, -212), (122, -98)), fill=byte("#5a3a28"))
        for i in range(-120, 121, 12):
            d.line(p((i, -212), (i, -98)), fill=byte("#432a1e"), width=max(1, int(2 * k * s)))
        for a, b in ((-92, -40), (42, 94)):
            d.rectangle(p((a, -186), (b, -128)), fill=byte("#ffcf7d"))
            d.rectangle(p((a, -186), (b, -150)), fill=byte("#ffe0a0"))
            for j in range(a, b + 1, 13):
                d.line(p((j, -186), (j, -128)), fill=byte("#4a2d1f"), width=max(1, int(3 * k * s)))
            d.rectangle(p((a, -186), (b, -128)), outline=byte("#3c2419"), width=max(1, int(5 * k * s)))
        d.rectangle(p((-24, -190), (26, -98)), fill=byte("#3a2219"))
        d.rectangle(p((-18, -184), (20, -98)), fill=byte("#e39a4c"))
        d.polygon(p((-24, -100), (26, -100), (56, 0), (-54, 0)), fill=byte("#877f72"))
        for i in range(7):
            v = -100 + 100 * i / 7
            g = 24 + 30 * i / 7
            d.line(p((-g, v), (g + 2, v)), fill=byte("#b9ae98"), width=max(1, int(4 * k * s)))
        d.rectangle(p((-190, -78), (-80, -6)), fill=byte("#2d2a2c"))
        d.rectangle(p((84, -78), (190, -6)), fill=byte("#2d2a2c"))
        d.polygon(p((-262, -196), (262, -196), (176, -340), (-176, -340)), fill=byte("#4e4a50"))
        for i in range(-260, 261, 15):
            t = i / 262
            d.line(p((t * 176, -340), (t * 262, -196)), fill=byte("#77706f" if i % 2 else "#6b6568"), width=max(1, int(6 * k * s)))
            d.ellipse(p((t * 262 - 6, -202), (t * 262 + 6, -190)), fill=byte("#5d585c"))
        d.polygon(p((-262, -196), (262, -196), (256, -188), (-256, -188)), fill=byte("#2b2a30"))
        d.rounded_rectangle(p((-186, -352), (186, -334)), 6 * k * s, fill=byte("#8d8580"))
    c.paint(draw)
    for dx in (-66, 68):
        c.glow(x + dx * k, y - 156 * k, 130 * k, "#ffb55c", 0.38)
    c.glow(x + 2 * k, y - 130 * k, 120 * k, "#ffa14a", 0.25)


def tho_cam():
    """Brocade: bands of stars, lozenges and waves, woven thread by thread."""
    c = Canvas(seed=83)
    cell = 6
    gh, gw = c.h // cell, c.w // cell
    gy, gx = np.mgrid[0:gh, 0:gw]
    ground, red, gold, green, white, blue, pink = map(rgb, ("#191c33", "#b3262f", "#e9ae3c", "#2f7d5b", "#f4ead4", "#2f5f9c", "#d8688a"))
    out = np.tile(ground, (gh, gw, 1))
    x = (gx - gw // 2)

    def put(mask, colour):
        out[mask] = colour

    def stripe(y, high, colour):
        put((gy >= y) & (gy < y + high), colour)

    def diamonds(y, p, rings):
        v = gy - (y + p // 2)
        u = (x + p // 2) % p - p // 2
        d = abs(u) + abs(v)
        band = (abs(v) <= p // 2)
        for r, colour in rings:
            put(band & (d <= r), colour)

    def zigzag(y, p, layers):
        tri = abs((x % p) - p // 2)
        for off, thick, colour in layers:
            v = gy - (y + off)
            put((v - tri >= 0) & (v - tri < thick), colour)

    def star(y, p):
        v = gy - (y + p // 2)
        u = (x + p // 2) % p - p // 2
        a, b = abs(u), abs(v)
        inside = (abs(v) <= p // 2)
        eight = (np.maximum(a, b) <= 8) | (a + b <= 12)
        put(inside & (a + b <= p // 2), blue)
        put(inside & (a + b <= p // 2 - 2), ground)
        put(inside & (eight), gold)
        put(inside & (np.maximum(a, b) <= 6) & (a + b <= 9), red)
        put(inside & ((a == b) & (a <= 8)), white)
        put(inside & (((a <= 1) | (b <= 1)) & (a + b <= 12)), white)
        put(inside & (a + b <= 3), green)
        w = (x % p) - p // 2
        e = abs(w) + abs(v)
        put(inside & (e <= 7), pink)
        put(inside & (e <= 5), white)
        put(inside & (e <= 3), red)
    y = 2
    stripe(y, 1, gold); stripe(y + 2, 2, red); stripe(y + 5, 1, gold); y += 7
    zigzag(y - 5, 16, [(0, 2, green), (3, 2, gold), (6, 2, red), (9, 1, white)]); y += 16
    stripe(y, 2, red); stripe(y + 2, 1, gold); y += 4
    diamonds(y, 24, [(12, green), (10, ground), (8, gold), (6, red), (4, white), (2, blue)]); y += 25
    stripe(y, 1, gold); stripe(y + 1, 2, red); stripe(y + 4, 1, white); y += 6
    star(y, 48); y += 49
    stripe(y, 1, white); stripe(y + 2, 2, red); stripe(y + 4, 1, gold); y += 6
    diamonds(y, 24, [(12, pink), (10, ground), (8, white), (6, green), (4, gold), (2, red)]); y += 25
    stripe(y, 1, gold); stripe(y + 1, 2, red); y += 4
    zigzag(y - 5, 16, [(0, 2, gold), (3, 2, red), (6, 2, blue), (9, 1, white)]); y += 16
    stripe(y, 1, gold); stripe(y + 2, 2, red); stripe(y + 5, 1, gold); y += 8
    zigzag(y, 12, [(0, 2, green), (4, 2, pink), (8, 2, gold), (12, 2, red)])
    jitter = 1 + (c.rng.random((gh, gw, 1)) - 0.5) * 0.14
    big = np.kron(out * jitter, np.ones((cell, cell, 1)))
    fy, fx = np.mgrid[0:cell, 0:cell]
    thread = 0.78 + 0.26 * np.sin((fy + 0.5) / cell * math.pi) * (0.82 + 0.18 * np.sin((fx + 0.5) / cell * math.pi))
    odd = np.tile(thread, (gh, gw))
    c.img[:big.shape[0]] = (big * odd[..., None])[:c.h]
    # Nếp vải / folds in the cloth
    fold = gaussian_filter(c.noise(900, 700, 2), 40)
    slope = np.gradient(fold, axis=1) * 260 + np.gradient(fold, axis=0) * 160
    c.img *= (1 + np.clip(slope, -0.34, 0.34))[..., None]
    c.glow(520, 220, 1100, "#ffdca8", 0.16)
    c.finish(grain=0.008, vignette=0.38)
    return c


def dan_tinh():
    """Đàn tính, nearly square, so that every face shows the whole lute: before a round moon."""
    c = Canvas(1600, 1440, seed=97)
    c.sky((0, "#16233f"), (0.55, "#3c4a6e"), (0.8, "#b0727a"), (1, "#e2a06e"))
    c.disc(860, 520, 360, "#f3d9a0", 0.95)
    c.lay(0.35 * c.noise(180, 120, 5) * np.clip(360 - np.hypot(c.X - 860, c.Y - 520), 0, 1), "#d9a763")
    c.glow(860, 520, 640, "#ffd894", 0.30)
    c.range(1220, c.towers(7, 330, 170), "#5c5f86", "#474f78", "#b07c80", 330, -1, 0.6)
    c.range(1330, c.towers(7, 330, 190), "#3a426a", "#272f55", "#6d577a", 360, -1, 0.9)
    c.mist(1190, 50, "#e8b48c", 0.4)
    angle = math.radians(-62)
    ax, ay = math.cos(angle), math.sin(angle)
    bx, by = 610, 1120

    def at(along, across):
        return bx + ax * along - ay * across, by + ay * along + ax * across

    def poly(d, s, pts, fill):
        d.polygon([(px * s, py * s) for px, py in (at(*q) for q in pts)], fill=byte(fill))

    def neck(d, s):
        poly(d, s, [(100, -17), (960, -12), (960, 12), (100, 17)], "#4a2a1b")
        poly(d, s, [(100, -17), (960, -12), (960, -4), (100, -6)], "#8a5532")
        poly(d, s, [(950, -14), (1010, -18), (1080, -34), (1104, -20), (1080, 6), (1010, 18), (950, 14)], "#5d3620")
        for along, side in ((975, 1), (1012, -1), (1046, 1)):
            poly(d, s, [(along - 7, 8 * side), (along + 7, 8 * side), (along + 8, 66 * side), (along - 8, 66 * side)], "#2d1a14")
            cx, cy = at(along, 72 * side)
            d.ellipse([(cx - 15) * s, (cy - 15) * s, (cx + 15) * s, (cy + 15) * s], fill=byte("#b2282f"))
    c.paint(neck)
    # Bầu đàn / the gourd
    d = np.hypot(c.X - bx, c.Y - by)
    u, v = (c.X - bx) / 190, (c.Y - by) / 190
    body = np.clip(190 - d + 0.5, 0, 1)
    light = np.clip(0.62 - 0.42 * u - 0.5 * v, 0, 1.2)
    wood = rgb("#7a3f1c") * (1 - np.clip(light, 0, 1))[..., None] + rgb("#eaa64f") * np.clip(light, 0, 1)[..., None]
    c.lay(np.exp(-((np.hypot(c.X - bx - 24, c.Y - by - 40) - 150) / 70) ** 2) * 0.35, "#141a33")
    c.lay(body, wood * (0.93 + 0.14 * c.noise(60, 120, 4))[..., None])
    face = np.clip(150 - d + 0.5, 0, 1)
    c.lay(face, mix("#f0d19a", "#d9a866", 0.3))
    c.lay(face * 0.45 * smooth(0.4, 0.7, c.noise(240, 14, 4)), "#c48f50")
    c.lay(np.exp(-((d - 150) / 3.5) ** 2) * 0.8, "#6b3a1d")
    for r in range(8):
        a = r * math.pi / 4
        c.disc(bx + 62 * math.cos(a), by + 62 * math.sin(a), 13, "#4a2817")
    c.disc(bx, by, 17, "#4a2817")

    def strings(d, s):
        poly(d, s, [(-92, -26), (-78, -26), (-78, 26), (-92, 26)], "#3b2116")
        for off, end in ((-8, 975), (0, 1046), (8, 1012)):
            p, q = at(-85, off * 1.6), at(end, off)
            d.line([(p[0] * s, p[1] * s), (q[0] * s, q[1] * s)], fill=byte("#fff3d0"), width=int(2 * s))
        # Tua đỏ / a red tassel
        hx, hy = at(1085, -10)
        for i in range(26):
            sway = c.rng.normal(0, 12)
            d.line([(hx * s, hy * s), ((hx + 12 + sway * 0.4) * s, (hy + 70) * s), ((hx + 16 + sway) * s, (hy + 150 + c.rng.uniform(0, 40)) * s)], fill=byte(mix("#8e1c27", "#e0484a", c.rng.random())), width=3 * s)
        d.ellipse([(hx - 4) * s, (hy + 40) * s, (hx + 24) * s, (hy + 70) * s], fill=byte("#e9ae3c"))
    c.paint(strings)
    # Dải thổ cẩm / a brocade strip at the foot
    p, y0 = 60, 1356
    uu, vv = abs((c.X % p) - p / 2), abs(c.Y - y0 - 34)
    c.lay(c.Y > y0 - 6, "#e9ae3c"); c.lay(c.Y > y0, "#1a1c36")
    for r, tone in ((32, "#b3262f"), (24, "#191c33"), (18, "#e9ae3c"), (10, "#2f7d5b"), (5, "#f4ead4")):
        c.lay(np.clip(r - uu - vv, 0, 1) * (c.Y > y0), tone)
    c.lay(c.Y > y0 + 68, "#e9ae3c"); c.lay(c.Y > y0 + 73, "#b3262f")
    c.finish(vignette=0.3)
    return c


def hat_de():
    """Chestnuts of Trùng Khánh, nearly square: an open burr, nuts and leaves."""
    c = Canvas(1500, 1350, seed=101)
    c.sky((0, "#e9d9b0"), (0.5, "#d7b878"), (1, "#8a5a34"))
    c.glow(490, 220, 760, "#fff3cf", 0.75)
    c.lay(0.25 * smooth(0.45, 0.8, c.noise(300, 200, 4)), "#f7ecc8")
    for x, y, r in ((390, 330, 120), (1090, 250, 150), (1190, 620, 90), (300, 700, 90), (130, 380, 70), (1390, 480, 80)):
        d = np.hypot(c.X - x, c.Y - y)
        c.lay(0.35 * smooth(0, 26, r - d), "#b9b36a")
    leaves(c, [(750, 560, 430, -2.55), (770, 560, 450, -0.55), (730, 560, 420, -1.65), (630, 640, 400, 2.7), (890, 640, 380, 0.25), (510, 1010, 330, 2.4), (1030, 1010, 330, 0.6)])
    burr(c, 1000, 400, 150, False)
    burr(c, 720, 660, 290, True)
    for x, y, r, turn in ((510, 1120, 120, 0.2), (770, 1170, 132, -0.15), (1025, 1130, 116, 0.35)):
        nut(c, x, y, r, turn, ground=True)
    c.finish(vignette=0.34)
    return c


def leaves(c, which):
    def draw(d, s):
        for x, y, long, angle in which:
            ca, sa = math.cos(angle), math.sin(angle)
            at = lambda a, b: ((x + ca * a - sa * b) * s, (y + sa * a + ca * b) * s)
            half = lambda t: long * 0.17 * math.sin(math.pi * t ** 0.85) * (1 + 0.10 * (int(t * 26) % 2))
            ts = [i / 52 for i in range(53)]
            d.polygon([at(long * t, -half(t)) for t in ts] + [at(long * t, half(t)) for t in reversed(ts)], fill=byte("#4f7a35"))
            d.polygon([at(long * t, -half(t)) for t in ts] + [at(long, 0), at(0, 0)], fill=byte("#78a047"))
            for i in range(3, 24):
                t = i / 26
                for side in (-1, 1):
                    d.line([at(long * t, 0), at(long * min(t + 0.09, 1), side * half(min(t + 0.09, 1)) * 0.92)], fill=byte("#a9c46a" if side > 0 else "#5b8a3a"), width=2 * s)
            d.line([at(0, 0), at(long * 0.98, 0)], fill=byte("#cfd98a"), width=5 * s)
    c.paint(draw)


def burr(c, x, y, r, opened):
    c.lay(0.45 * np.exp(-((c.X - x - r * 0.1) / (r * 1.05)) ** 4 - ((c.Y - y - r * 0.35) / (r * 0.95)) ** 4), "#3a2a18")

    def spikes(inner, outer, count, dark, light):
        def draw(d, s):
            for i in range(count):
                a = c.rng.uniform(0, 2 * math.pi)
                q = c.rng.uniform(inner, 1) ** 0.5
                px, py = x + math.cos(a) * r * 0.78 * q, y + math.sin(a) * r * 0.78 * q
                long = r * c.rng.uniform(0.16, outer)
                b = a + c.rng.normal(0, 0.5)
                t = np.clip(0.55 - 0.4 * math.cos(a) * 0.6 - 0.55 * math.sin(a) + c.rng.normal(0, 0.18), 0, 1)
                ex, ey = px + math.cos(b) * long, py + math.sin(b) * long
                nx, ny = -math.sin(b) * 2.6, math.cos(b) * 2.6
                d.polygon([((px + nx) * s, (py + ny) * s), (ex * s, ey * s), ((px - nx) * s, (py - ny) * s)], fill=byte(mix(dark, light, t)))
        c.paint(draw)
    c.disc(x, y, r * 0.8, "#6d7a2c")
    spikes(0, 0.34, int(r * 9), "#4d5a1e", "#cfd06c")
    if not opened:
        return
    hull = np.hypot((c.X - x) / 1.0, (c.Y - y - r * 0.05) / 0.72)
    c.lay(smooth(0, 6, r * 0.68 - hull), "#f3e4b8")
    c.lay(smooth(0, 24, r * 0.60 - hull) * 0.8, "#c9a868")
    for dx, dy, k, turn in ((-0.33, 0.02, 0.31, -0.35), (0.34, 0.03, 0.31, 0.35), (0, 0.0, 0.35, 0.0)):
        nut(c, x + dx * r, y + dy * r, r * k, turn)

    def fringe(d, s):
        for i in range(int(r * 4)):
            a = c.rng.uniform(0, 2 * math.pi)
            px, py = x + math.cos(a) * r * 0.69, y + r * 0.05 + math.sin(a) * r * 0.69 * 0.72
            b = a + c.rng.normal(0, 0.55)
            long = r * c.rng.uniform(0.10, 0.24)
            d.polygon([(px * s - 4, py * s), ((px + math.cos(b) * long) * s, (py + math.sin(b) * long) * s), (px * s + 4, py * s + 3)], fill=byte(mix("#6d7a2c", "#dcdc80", c.rng.random())))
    c.paint(fringe)


def nut(c, x, y, r, turn, ground=False):
    ca, sa = math.cos(turn), math.sin(turn)
    u, v = ((c.X - x) * ca + (c.Y - y) * sa) / r, (-(c.X - x) * sa + (c.Y - y) * ca) / r
    if ground:
        c.lay(0.5 * np.exp(-((c.X - x - 8) / (r * 1.05)) ** 4 - ((c.Y - y - r * 0.82) / (r * 0.25)) ** 2), "#3a2213")
    tip = np.clip(-v - 0.55, 0, 1)
    shape = np.sqrt(u * u * (1 + 2.6 * tip) + (v * 0.98) ** 2 * np.where(v < 0, 0.82, 1.12))
    inside = smooth(-0.5, 0.5, (0.98 - shape) * r)
    light = np.clip(0.55 - 0.45 * u - 0.35 * v - 0.5 * shape ** 4, 0, 1)
    tone = rgb("#3c1810") * (1 - light)[..., None] + rgb("#a8572a") * light[..., None]
    lines = 0.92 + 0.1 * np.sin(u / np.maximum(np.sqrt(np.clip(1.05 - v * v, 0.08, 2)), 0.3) * 22)
    c.lay(inside, tone * lines[..., None])
    c.lay(inside * smooth(0.40, 0.52, v + 0.12 * u * u), "#d3a873")
    c.lay(inside * 0.75 * np.exp(-((u + 0.36) / 0.14) ** 2 - ((v + 0.22) / 0.34) ** 2), "#ffd9a8")
    c.lay(inside * smooth(0.82, 0.95, -v) * 0.9, "#e8d3a8")


def cua_khau():
    """A border gate before sunrise, the flag over it. Both stand in the middle, so that no face cuts the flag."""
    c = Canvas(seed=113)
    c.sky((0, "#23406b"), (0.25, "#5f77a0"), (0.48, "#e9a58a"), (0.66, "#ffd79a"), (1, "#ffd79a"))
    a = np.arctan2(c.Y - 700, c.X - 960)
    rays = smooth(0.2, 0.9, np.sin(a * 26) * 0.5 + 0.5) * np.exp(-np.hypot(c.X - 960, c.Y - 700) / 620)
    c.screen(rays * 0.22, "#ffe2ae")
    c.glow(960, 690, 620, "#ffd48e", 0.9)
    c.clouds(230, 120, "#f7b79c", 0.6, 1000, 60)
    c.disc(960, 640, 74, "#fff3d2", 0.98)
    c.range(740, c.towers(7, 300, 180), "#b58f95", "#9b8398", "#f4c596", 320, 1, 0.5)
    c.range(770, c.towers(0, 430, 260, at=[(40, 1, 1), (360, 0.75, 0.8), (680, 0.36, 0.6), (1270, 0.38, 0.6), (1560, 0.8, 0.85), (1880, 1, 1.05)]), "#75728f", "#57618a", "#d9a596", 440, 1, 0.8)
    c.mist(730, 46, "#ffe0b5", 0.6)
    c.foliage(762 + c.line(150, 5) * 20 - 30 * abs((np.arange(c.w) - 960) / 960) ** 2, ("#2f3f63", "#6b7090"), (7, 16), 0.9, bottom=830)
    c.lay(np.clip(c.Y - 812, 0, 1), c.gradient([(0, "#8d7686"), (0.3, "#4d4d6b"), (1, "#1f2a48")], 812, 1080))
    t = np.clip((c.Y - 812) / 268, 0, 1)
    road = smooth(-2, 2, 150 + 620 * t - abs(c.X - 960)) * (c.Y > 812)
    c.lay(road, c.gradient([(0, "#f1bf92"), (0.35, "#a98791"), (1, "#4b4f70")], 812, 1080))
    dash = (np.abs(c.X - 960) < 3 + 10 * t) * ((np.sqrt(t) * 9) % 1 < 0.55) * (c.Y > 826)
    c.lay(dash * 0.8, "#ffe7c6")
    ink, rim = byte("#1d2747"), byte("#c98b78")

    def gate(d, s):
        k = 0.66
        p = lambda *pts: [((960 + (x - 960) * k) * s, (850 + (y - 850) * k) * s) for x, y in pts]
        thick = int(9 * k * s)
        for x in (560, 800, 1084, 1324):
            d.rectangle(p((x, 560), (x + 36, 850)), fill=ink)
            d.rectangle(p((x - 12, 836), (x + 48, 852)), fill=ink)
        d.rectangle(p((500, 520), (1420, 580)), fill=ink)
        d.rectangle(p((500, 580), (1420, 585)), fill=rim)
        roof(d, p, 960, 520, 520, 74)
        d.rectangle(p((700, 398), (1220, 452)), fill=ink)
        roof(d, p, 960, 400, 330, 84)
        for x in (738, 830, 922, 1014, 1106):
            d.rectangle(p((x, 412), (x + 76, 440)), fill=byte("#ffcf8e"))
        for x0, x1 in ((250, 520), (1400, 1670)):
            d.rectangle(p((x0, 690), (x1, 850)), fill=ink)
            d.polygon(p((x0 - 24, 694), (x1 + 24, 694), (x1 - 20, 650), (x0 + 20, 650)), fill=ink)
            for x in range(x0 + 24, x1 - 40, 58):
                d.rectangle(p((x, 726), (x + 34, 776)), fill=byte("#ffcb86"))
        d.line(p((606, 800), (796, 780)), fill=byte("#e9e2d2"), width=thick)
        d.line(p((1316, 800), (1126, 780)), fill=byte("#e9e2d2"), width=thick)
        for i in range(3):
            d.line(p((630 + i * 60, 797.5 - i * 6.3), (655 + i * 60, 795 - i * 6.3)), fill=byte("#c8313a"), width=thick)
            d.line(p((1292 - i * 60, 797.5 - i * 6.3), (1267 - i * 60, 795 - i * 6.3)), fill=byte("#c8313a"), width=thick)
        d.rectangle(p((956, 120), (964, 320)), fill=ink)
        wave = lambda t: 7 * math.sin(t * 5.4)
        top = [(964 + 168 * t / 20, 124 + wave(t / 20)) for t in range(21)]
        d.polygon(p(*top, *[(x, y + 112) for x, y in reversed(top)]), fill=byte("#d3222a"))
        star = []
        for i in range(10):
            r, g = (33 if i % 2 == 0 else 12.6), -math.pi / 2 + i * math.pi / 5
            star.append((1046 + r * math.cos(g), 124 + wave(0.49) + 56 + r * math.sin(g)))
        d.polygon(p(*star), fill=byte("#ffdd3c"))

    def roof(d, p, x, y, half, high):
        n = 30
        under = [(x + half * i / n, y + 4 - 30 * (abs(i) / n) ** 5) for i in range(-n, n + 1)]
        over = [(x + half * 0.60 * i / n, y - high) for i in range(n, -n - 1, -2 * n)]
        left = [(x - half * (0.60 + 0.40 * t ** 1.0), y - high + (high - 26) * t ** 0.65) for t in (0.2, 0.4, 0.6, 0.8, 1)]
        right = [(2 * x - q[0], q[1]) for q in left]
        d.polygon(p(*under, *reversed(right), *over, *left), fill=ink)
        d.line(p((x - half * 0.6, y - high), (x + half * 0.6, y - high)), fill=rim, width=8)
    c.paint(gate)
    x = np.arange(c.w)
    near = 1085 - 250 * np.exp(-(x / 230) ** 2) - 240 * np.exp(-((x - 1920) / 240) ** 2) + c.line(70, 5) * 26
    c.foliage(near, ("#121b38", "#39446a"), (9, 22), 0.9)
    c.finish(warmth=0.004)
    return c


def hoa_dao():
    """Peach blossom for Tết over misty hills."""
    c = Canvas(seed=127)
    c.sky((0, "#a9cfd6"), (0.4, "#e6ead9"), (0.65, "#fbe9d6"), (1, "#f7d9cf"))
    c.glow(520, 330, 640, "#fff6dc", 0.8)
    c.disc(520, 300, 92, "#fff9e8", 0.85)
    c.range(760, c.towers(6, 330, 220), "#bcd2cd", "#a9c3c6", "#f3e4d6", 340, -1, 0.5)
    c.range(860, c.towers(6, 380, 240), "#9dbdb0", "#83a8a6", "#f1ddd0", 420, -1, 0.7)
    c.mist(800, 70, "#fdf0e6", 0.8)
    c.range(1010, c.towers(0, 400, 300, at=[(120, 0.9, 1), (520, 0.5, 0.8), (1000, 0.45, 0.8)]), "#7fa792", "#5b8a82", "#e9d8c8", 420, -1, 0.9)
    c.mist(1000, 80, "#fbe6dc", 0.8)
    twigs, buds = [], []

    def grow(x, y, angle, long, thick):
        n = max(3, int(long / 22))
        for _ in range(n):
            angle += c.rng.normal(0, 0.13)
            nx, ny = x + math.cos(angle) * long / n, y + math.sin(angle) * long / n
            twigs.append((x, y, nx, ny, thick))
            if thick < 15 and c.rng.random() < 0.62:
                buds.append((nx + c.rng.normal(0, 9), ny + c.rng.normal(0, 9), thick))
            x, y, thick = nx, ny, thick * 0.965
        if thick > 3.2:
            for turn in (c.rng.uniform(0.25, 0.55), -c.rng.uniform(0.3, 0.7)):
                grow(x, y, angle + turn, long * c.rng.uniform(0.62, 0.8), thick * 0.68)
        buds.append((x, y, 0))
    grow(1960, 960, math.pi + 0.42, 430, 30)
    grow(1950, 330, math.pi - 0.22, 350, 20)
    grow(1700, 1100, -math.pi / 2 - 0.25, 300, 17)

    def branches(d, s):
        for x0, y0, x1, y1, w in twigs:
            d.line([x0 * s, y0 * s, x1 * s, y1 * s], fill=byte("#4a2f2c"), width=int(w * s))
            d.ellipse([(x1 - w / 2) * s, (y1 - w / 2) * s, (x1 + w / 2) * s, (y1 + w / 2) * s], fill=byte("#4a2f2c"))
            d.line([(x0 - w * 0.2) * s, (y0 - w * 0.26) * s, (x1 - w * 0.2) * s, (y1 - w * 0.26) * s], fill=byte("#8a625a"), width=max(1, int(w * 0.25 * s)))
    c.paint(branches)

    def blossoms(d, s):
        for x, y, w in buds:
            kind = c.rng.random()
            r = c.rng.uniform(15, 31) if kind > 0.22 else c.rng.uniform(7, 12)
            turn = c.rng.uniform(0, 2)
            tone = mix("#e66f92", "#fbc9d2", c.rng.random())
            if kind <= 0.12:
                a = c.rng.uniform(-2.6, -0.5)
                d.polygon([(x * s, y * s), ((x + math.cos(a - 0.3) * 26) * s, (y + math.sin(a - 0.3) * 26) * s), ((x + math.cos(a) * 50) * s, (y + math.sin(a) * 50) * s), ((x + math.cos(a + 0.3) * 26) * s, (y + math.sin(a + 0.3) * 26) * s)], fill=byte("#8dbb6a"))
                continue
            if kind <= 0.22:
                d.ellipse([(x - r) * s, (y - r) * s, (x + r) * s, (y + r) * s], fill=byte("#d9496f"))
                d.ellipse([(x - r * 0.7) * s, (y - r * 0.8) * s, (x + r * 0.3) * s, (y + r * 0.2) * s], fill=byte("#f08aa6"))
                continue
            for ring, (far, big, shade) in enumerate(((0.62, 0.60, -0.12), (0.56, 0.47, 0.22))):
                for i in range(5):
                    a = turn + i * 2 * math.pi / 5
                    px, py, q = x + math.cos(a) * r * far, y + math.sin(a) * r * far, r * big
                    d.ellipse([(px - q) * s, (py - q) * s, (px + q) * s, (py + q) * s], fill=byte(mix(tone, "#ffffff" if shade > 0 else "#b8325a", abs(shade))))
            d.ellipse([(x - r * 0.22) * s, (y - r * 0.22) * s, (x + r * 0.22) * s, (y + r * 0.22) * s], fill=byte("#c23a62"))
            for i in range(9):
                a = c.rng.uniform(0, 6.3)
                px, py = x + math.cos(a) * r * 0.42, y + math.sin(a) * r * 0.42
                d.line([x * s, y * s, px * s, py * s], fill=byte("#d8557a"), width=s)
                d.ellipse([(px - 2) * s, (py - 2) * s, (px + 2) * s, (py + 2) * s], fill=byte("#ffd96a"))
    c.paint(blossoms)

    def petals(d, s):
        for _ in range(60):
            x, y, r, a = c.rng.uniform(0, c.w), c.rng.uniform(200, c.h), c.rng.uniform(5, 11), c.rng.uniform(0, 3)
            d.polygon([((x + math.cos(a + t) * r * (1 if i % 2 else 0.62)) * s, (y + math.sin(a + t) * r * 0.6) * s) for i, t in enumerate(np.linspace(0, 6.28, 9)[:-1])], fill=byte("#f4a9bb", 210))
    c.paint(petals, blur=0.8)
    c.finish(vignette=0.08, warmth=0.004)
    return c


def phuc_sen():
    """The forge of Phúc Sen: anvil, glowing blade, sparks."""
    c = Canvas(seed=131)
    c.sky((0, "#150f16"), (0.6, "#2a1714"), (1, "#120c10"))
    c.lay(0.5 * c.noise(200, 260, 5), "#2e1a18")
    c.glow(1480, 600, 620, "#e0571c", 0.75)
    c.glow(1480, 640, 260, "#ffb347", 0.9)
    # Lò than / the hearth
    def hearth(d, s):
        p = lambda *pts: [(x * s, y * s) for x, y in pts]
        d.polygon(p((1180, 1080), (1210, 760), (1330, 730), (1640, 730), (1760, 760), (1800, 1080)), fill=byte("#1f1212"))
        for row in range(7):
            y = 770 + row * 46
            left, right = 1212 - row * 5, 1758 + row * 6
            x = left - (46 if row % 2 else 0)
            while x < right:
                a, b = max(x + 3, left), min(x + 89, right)
                if b > a + 6:
                    tone = mix("#2e1917", "#7a3a22", max(0, 1 - abs((a + b) / 2 - 1480) / 300) * (1 - row * 0.1) * c.rng.uniform(0.7, 1))
                    d.rounded_rectangle([a * s, (y + 3) * s, b * s, (y + 43) * s], 5 * s, fill=byte(tone))
                x += 92
        d.polygon(p((1250, 756), (1330, 730), (1640, 730), (1712, 756)), fill=byte("#7a2a12"))
    c.paint(hearth)
    coal = c.noise(26, 20, 4)
    bed = np.exp(-((c.X - 1480) / 215) ** 6 - ((c.Y - 728) / 30) ** 4)
    c.lay(bed, "#3a1009")
    c.lay(bed * smooth(0.42, 0.75, coal), "#ff8a2a")
    c.lay(bed * smooth(0.62, 0.85, coal), "#ffe9a0")
    flame = c.noise(46, 150, 4)
    reach = np.exp(-((c.X - 1480) / (175 - (730 - c.Y) * 0.26).clip(20)) ** 2) * smooth(0, 20, 734 - c.Y) * (1 - smooth(60, 330, 730 - c.Y))
    c.screen(smooth(0.35, 0.8, flame * 0.75 + reach * 0.35) * reach, "#ff7a1c")
    c.screen(smooth(0.5, 0.9, flame * 0.75 + reach * 0.3) * reach, "#ffd27a")
    for x, y in ((1210, 900), (1640, 960), (1420, 850)):
        c.glow(x, y, 150, "#7a2a12", 0.35)
    # Dao treo trên vách / knives on the wall
    def knives(d, s):
        d.rectangle([90 * s, 54 * s, 1010 * s, 70 * s], fill=byte("#4b2a1e"))
        d.rectangle([90 * s, 54 * s, 1010 * s, 58 * s], fill=byte("#8a5230"))
        for i, x in enumerate(range(130, 1000, 100)):
            long = 90 + 26 * ((i * 7) % 4)
            p = lambda *pts: [((x + a) * s, (70 + b * 0.85) * s) for a, b in pts]
            d.rectangle(p((-8, 0), (8, 74)), fill=byte("#5c3722"))
            d.rectangle(p((2, 0), (8, 74)), fill=byte("#b3703c"))
            d.rectangle(p((-10, 74), (10, 84)), fill=byte("#9a8a78"))
            wide = 20 + 14 * (i % 3)
            d.polygon(p((-10, 84), (10, 84), (wide, 84 + long * 0.7), (8, 84 + long), (-10, 84 + long * 0.9)), fill=byte("#4c4a52"))
            d.polygon(p((2, 84), (10, 84), (wide, 84 + long * 0.7), (8, 84 + long)), fill=byte("#c98a58"))
    c.paint(knives)
    c.lay(0.35 * smooth(900, 100, c.X) * (c.Y < 520), "#150f16")
    # Đe / the anvil
    def anvil(d, s):
        p = lambda *pts: [(x * s, y * s) for x, y in pts]
        for i in range(45):
            t = i / 44
            tone = mix("#241412", "#8a4c26", t ** 1.6 * (0.75 + 0.25 * ((i * 7) % 5) / 4))
            d.polygon(p((505 + 395 * t, 900), (515 + 395 * t, 900), (492 + 445 * t, 1080), (480 + 445 * t, 1080)), fill=byte(tone))
        d.polygon(p((505, 898), (910, 898), (900, 914), (515, 914)), fill=byte("#5a3018"))
        d.polygon(p((400, 716), (520, 700), (960, 700), (960, 760), (850, 790), (800, 840), (840, 906), (560, 906), (610, 840), (560, 780), (470, 756)), fill=byte("#26222a"))
        d.polygon(p((400, 716), (520, 700), (960, 700), (960, 712), (520, 714)), fill=byte("#e8a05a"))
        d.polygon(p((930, 712), (960, 712), (960, 760), (850, 790), (800, 840), (840, 906), (815, 906), (776, 838), (830, 776)), fill=byte("#a85a2c"))
    c.paint(anvil)
    blade = [(560, 690), (930, 664), (1010, 676), (960, 700), (566, 704)]
    def hot(fill, wider):
        def draw(d, s):
            d.polygon([((x + (wider if x > 800 else -wider)) * s, (y + (wider if y > 690 else -wider)) * s) for x, y in blade], fill=fill)
        return draw
    c.paint(hot(byte("#ff6a1c"), 10), blur=14)
    c.paint(hot(byte("#ff9a3c"), 0))
    c.lay(np.clip(c.mask(hot(255, 0)), 0, 1) * smooth(640, 860, c.X), "#ffe9a8")
    def tongs(d, s):
        d.line([(330 * s, 760 * s), (580 * s, 694 * s)], fill=byte("#3a3036"), width=14 * s)
        d.line([(300 * s, 720 * s), (580 * s, 702 * s)], fill=byte("#57433d"), width=12 * s)
    c.paint(tongs)
    # Búa và tay thợ / hammer and arm
    def arm(d, s):
        p = lambda *pts: [(x * s, y * s) for x, y in pts]
        d.line(p((520, 330), (846, 560)), fill=byte("#6b4228"), width=22 * s)
        d.line(p((524, 324), (850, 554)), fill=byte("#c98145"), width=7 * s)
        d.polygon(p((800, 560), (880, 480), (950, 540), (870, 630)), fill=byte("#2b272f"))
        d.polygon(p((880, 480), (950, 540), (940, 556), (868, 494)), fill=byte("#d98a4c"))
        d.polygon(p((950, 540), (870, 630), (860, 616), (938, 530)), fill=byte("#8a4a28"))
        d.polygon(p((250, 352), (430, 306), (560, 318), (590, 380), (540, 412), (440, 410), (270, 470)), fill=byte("#5e3423"))
        d.polygon(p((270, 470), (440, 410), (540, 412), (575, 392), (540, 392), (440, 388), (264, 440)), fill=byte("#d58a50"))
        d.polygon(p((-20, 300), (150, 290), (262, 330), (292, 470), (240, 520), (-20, 740)), fill=byte("#232c4a"))
        d.polygon(p((292, 470), (240, 520), (-20, 740), (-20, 690), (222, 488), (270, 448)), fill=byte("#8a5a52"))
        for i in range(4):
            d.line(p((20 + i * 58, 316 + i * 4), (40 + i * 56, 640 - i * 48)), fill=byte("#1a2140"), width=5 * s)
        d.polygon(p((246, 326), (268, 332), (300, 470), (278, 486)), fill=byte("#b8483a"))
        d.ellipse(p((478, 300), (596, 416)), fill=byte("#6b3c28"))
        for i in range(4):
            d.ellipse(p((500 + i * 20, 376 - i * 16), (546 + i * 20, 420 - i * 16)), fill=byte(mix("#8a4a2a", "#d98a50", i / 4)))
    c.paint(arm)
    def sparks(d, s):
        for _ in range(230):
            a, v = c.rng.uniform(-3.0, -0.15), c.rng.gamma(2.0, 90)
            x, y = 905 + math.cos(a) * v, 672 + math.sin(a) * v * 0.8 + v * v / 2600
            l = c.rng.uniform(6, 26)
            d.line([x * s, y * s, (x + math.cos(a) * l) * s, (y + math.sin(a) * l * 0.8 + l * v / 1300) * s], fill=byte(mix("#ff8a2a", "#fff3c4", c.rng.random())), width=int(c.rng.integers(2, 5)))
    c.paint(sparks, blur=4, strength=0.9)
    c.paint(sparks)
    c.glow(905, 676, 240, "#ffb050", 0.55)
    c.finish(vignette=0.3)
    return c
