"""The places: landscapes. Each function paints one picture and returns its canvas."""
import numpy as np
from scipy.ndimage import gaussian_filter

from canvas import Canvas, byte, mix, rgb, smooth


def ban_gioc():
    """Bản Giốc: the wide falls in three steps, jade pool, bamboo rafts."""
    c = Canvas(seed=11)
    c.sky((0, "#7fb3bf"), (0.28, "#bcd6cf"), (0.5, "#f6e3c2"), (1, "#f6e3c2"))
    c.glow(1430, 250, 620, "#ffd9a0", 0.75)
    c.clouds(150, 110, "#fff4e2", 0.55)
    c.range(520, c.towers(7, 300, 190), "#a9c6c3", "#93b4b6", "#e9e0c8", 320, 1, 0.6)
    c.range(560, c.towers(6, 330, 210), "#82ab9c", "#5f8d8a", "#dfe2cc", 340, 1, 0.8)
    c.mist(500, 60, "#fdf1da", 0.6)
    side = c.towers(0, 420, 330, at=[(60, 1, 1.2), (420, 0.62, 0.8), (1890, 0.95, 1.1), (1560, 0.55, 0.7)])
    c.range(600, side, "#5d9070", "#2f665c", "#9dbda2", 420, 1, 1.0)
    # Bậc đá và rừng / the steps of rock, with wood on them
    tops = 452 + c.line(260) * 26
    c.foliage(tops, ("#20504a", "#74a468"), (9, 22), 0.8, bottom=640)
    steps = [(470, 590, 430, 1560), (575, 700, 330, 1650), (690, 835, 240, 1760)]
    for k, (top, foot, left, right) in enumerate(steps):
        wave = c.line(150, 5) * 16
        rock = smooth(left - 130, left, c.X) * (1 - smooth(right, right + 130, c.X))
        stone = np.clip(0.25 + 0.8 * c.noise(26, 120, 4) - 0.18 * k, 0, 1)[..., None]
        c.lay(np.clip(c.Y - (top + 20 + wave)[None], 0, 1) * np.clip(foot + 14 - c.Y, 0, 1) * rock, rgb("#1f4740") * (1 - stone) + rgb("#6f8f72") * stone)
        # Màn nước rộng dần xuống dưới / curtains widen on their way down
        width = c.noise(120, 700, 3) + 0.10 * np.cos((c.X - 1000) / 500) + 0.05 * (c.Y - top) / (foot - top)
        open_ = smooth(0.36 - 0.05 * k, 0.46 - 0.05 * k, width) * rock
        lip = top + 12 + wave + (c.line(40, 3) * 10)
        fall = (c.Y - lip[None]) / (foot - lip[None])
        streak = 0.55 * c.noise(9, 190, 3) + 0.45 * c.noise(30, 260, 3)
        veil = open_ * smooth(-0.02, 0.03, fall) * (1 - smooth(0.97, 1.06, fall))
        tone = mix("#8fc0bd", "#ffffff", 0.0)[None, None] * (1 - smooth(0.3, 0.72, streak))[..., None] + rgb("#fffdf4") * smooth(0.3, 0.72, streak)[..., None]
        c.lay(veil * (0.80 + 0.2 * fall), tone)
        closed = gaussian_filter(1 - open_[(top + foot) // 2], 5) > 0.55
        near = (np.arange(c.w) > left - 190) & (np.arange(c.w) < right + 190)
        c.foliage(np.where(closed & near, top + 22 + c.line(60, 4) * 22, foot + 30), ("#1d4b44", "#76a562"), (6, 14), 1.1, bottom=foot + 12)
        c.lay(0.85 * gaussian_filter(open_ * np.exp(-((c.Y - foot) / 17) ** 2), (5, 14)) * (0.5 + 0.6 * c.noise(70, 30, 3)), "#fbf9ee")
        if k < 2:
            shelf = foot + 6 + c.line(120) * 8
            clumps = np.where(c.noise(150, 2000, 3)[0] > 0.57, shelf - 26 - 26 * c.noise(60, 2000, 2)[0], shelf + 30)
            inside = (np.arange(c.w) > left - 160) & (np.arange(c.w) < right + 160)
            c.foliage(np.where(inside, clumps, shelf + 30), ("#1f4d45", "#6f9f5c"), (6, 15), 1.1, bottom=foot + 26)
    for centre, spread, high in ((120, 360, 470), (1830, 330, 440)):
        bank = 880 - (high - 120) * np.exp(-((np.arange(c.w) - centre) / spread) ** 4) + c.line(110, 5) * 34
        bank = np.where(abs(np.arange(c.w) - centre) < spread * 1.25, bank, 884)
        c.foliage(bank, ("#183f3c", "#5f955a"), (10, 25), 0.8, bottom=890)
    c.mist(842, 38, "#f7f6e6", 0.8, 420)
    c.water(868, "#17706a", "#6fb9a4", 6, 0.55)
    c.mist(880, 16, "#f7f6e6", 0.55, 300)
    raft(c, 820, 1020, 1.25)
    raft(c, 1240, 985, 0.85)
    near = 1050 - 150 * np.exp(-(np.arange(c.w) / 330) ** 2) - 90 * np.exp(-((np.arange(c.w) - 1920) / 380) ** 2) + c.line(80, 5) * 26
    c.foliage(near, ("#0b2b2d", "#2f6a4d"), (12, 28), 0.9)
    c.finish(warmth=0.006)
    return c


def raft(c, x, y, k):
    """A bamboo raft with a roof and one boatman."""
    def draw(d, s):
        p = lambda *pts: [((x + a * k) * s, (y + b * k) * s) for a, b in pts]
        d.polygon(p((-120, 0), (120, 0), (134, -8), (-134, -8)), fill=byte("#5a3f26"))
        for i in (-70, -20, 30, 66):
            d.line(p((i, -4), (i, -52)), fill=byte("#3a2a1d"), width=int(4 * k * s))
        d.polygon(p((-88, -50), (82, -50), (66, -74), (-70, -74)), fill=byte("#b8803c"))
        d.polygon(p((-70, -74), (66, -74), (64, -80), (-68, -80)), fill=byte("#d9a65a"))
        d.line(p((92, 10), (128, -112)), fill=byte("#3a2a1d"), width=int(3 * k * s))
        d.polygon(p((94, -6), (112, -6), (110, -48), (97, -48)), fill=byte("#27324a"))
        d.polygon(p((86, -54), (121, -54), (103, -71)), fill=byte("#e8cf94"))
        d.ellipse(p((97, -60), (109, -47)), fill=byte("#6b4a35"))
    c.paint(draw)
    shade = np.exp(-((c.X - x) / (125 * k)) ** 8) * smooth(0, 3, c.Y - y) * (1 - smooth(4, 46 * k, c.Y - y))
    c.lay(shade * 0.5, "#12403f")


def suoi_le_nin():
    """Lenin stream at Pác Bó: jade water between wooded hills."""
    c = Canvas(seed=23)
    c.sky((0, "#8cc0cf"), (0.3, "#cfe4da"), (0.5, "#fbeccb"), (1, "#fbeccb"))
    c.glow(980, 330, 560, "#fff0c4", 0.8)
    c.clouds(130, 90, "#ffffff", 0.5)
    c.range(560, c.towers(6, 260, 220), "#b4d0c6", "#9dbfbd", "#eee7cc", 300, 1, 0.5)
    c.range(600, c.towers(0, 470, 300, at=[(240, 0.9, 1), (620, 0.6, 0.7), (1330, 0.65, 0.75), (1700, 1, 1.05)]), "#7fb089", "#4f8a7b", "#d5dfc0", 430, 1)
    c.mist(575, 46, "#fdf4da", 0.75)
    c.range(690, c.towers(0, 560, 340, at=[(-40, 1, 1.15), (1960, 0.95, 1.1)]), "#58935f", "#276556", "#87ad7e", 560, 1)
    x = np.arange(c.w)
    back = 610 - 60 * abs((x - 960) / 960) ** 1.3 + c.line(140, 5) * 26
    c.foliage(back, ("#2b6650", "#9cc06d"), (9, 21), 0.9, bottom=680)
    meadow = c.gradient([(0, "#a9c76b"), (0.4, "#5f9a55"), (1, "#1d5a48")], 650, 1080) * (0.88 + 0.24 * c.noise(90, 30, 5))[..., None]
    c.lay(np.clip(c.Y - 655, 0, 1), meadow)
    # Dòng suối / the stream: its middle and half width at each row
    t = np.clip((c.Y - 652) / 428, 0, 1)
    middle = 1000 + 150 * np.sin(t * 4.4 + 0.4) * (0.25 + t) - 210 * t * t
    half = 12 + 520 * t ** 1.55 + (c.noise(50, 40, 3) - 0.5) * 60 * (0.2 + t)
    inside = smooth(-2, 3, half - abs(c.X - middle)) * (c.Y >= 652)
    shore = smooth(-40, 4, half + 16 * t - abs(c.X - middle)) * (c.Y >= 652)
    c.lay(shore * 0.55, "#2a5a46")
    c.water(652, "#0d7d74", "#9fd9bb", 6, 0.5, inside)
    deep = smooth(0.15, 0.95, (half - abs(c.X - middle)) / np.maximum(half, 1))
    c.lay(inside * (0.55 - 0.3 * deep) * (0.4 + 0.8 * c.noise(70, 20, 4)), "#7fdcbb")
    c.lay(inside * 0.5 * smooth(0.66, 0.8, c.noise(240, 6, 3)) * (0.3 + 0.7 * t), "#e6fff0")
    stones(c, middle, half)
    for centre, spread, high in ((0, 470, 330), (1920, 420, 300)):
        bank = 1110 - high * np.exp(-((x - centre) / spread) ** 2) + c.line(90, 5) * 40
        c.foliage(bank, ("#0e3b35", "#4f9150"), (12, 30), 0.9)
    branch_leaves(c)
    c.finish(warmth=0.004)
    return c


def stones(c, middle, half):
    def draw(d, s):
        for _ in range(60):
            y = c.rng.uniform(0.12, 1) ** 0.8 * 400 + 660
            row = int(min(y, c.h - 1))
            side = c.rng.choice([-1, 1])
            x = middle[row, 0] + side * half[row, c.w // 2] * c.rng.uniform(0.86, 1.06)
            r = (y - 630) / 420 * c.rng.uniform(14, 40)
            for k, tone in ((1, "#5b6f69"), (0.8, "#8a9b8d"), (0.55, "#bcc5ae")):
                d.ellipse([(x - r * k - r * (1 - k) * 0.3) * s, (y - r * 0.62 * k - r * 0.2 * (1 - k)) * s, (x + r * k * 0.95) * s, (y + r * 0.5 * k - r * 0.35 * (1 - k)) * s], fill=byte(tone))
    c.paint(draw)


def branch_leaves(c):
    """Bamboo leaves that frame the top corner."""
    def draw(d, s):
        for _ in range(150):
            a = c.rng.uniform(0, 1)
            x, y = 1920 - a * 560 + c.rng.normal(0, 26), 10 + (1 - a) * 120 + c.rng.normal(0, 34)
            long, angle = c.rng.uniform(60, 120), c.rng.uniform(1.7, 2.6)
            dx, dy = np.cos(angle) * long, np.sin(angle) * long
            nx, ny = -dy * 0.075, dx * 0.075
            d.polygon([(x * s, y * s), ((x + dx * 0.4 + nx) * s, (y + dy * 0.4 + ny) * s), ((x + dx) * s, (y + dy) * s), ((x + dx * 0.4 - nx) * s, (y + dy * 0.4 - ny) * s)],
                      fill=byte(mix("#0d3f37", "#5b9a4f", c.rng.uniform(0, 0.8))))
    c.paint(draw)


def mat_than():
    """Mắt Thần mountain: a round window through the peak, a meadow below."""
    c = Canvas(seed=31)
    c.sky((0, "#6fa9c4"), (0.35, "#b9d9da"), (0.6, "#f8ecd0"), (1, "#f8ecd0"))
    c.glow(1080, 420, 640, "#fff2cf", 0.7)
    c.clouds(170, 130, "#ffffff", 0.75, 700, 120)
    c.range(640, c.towers(7, 240, 190), "#a8cac8", "#8fb6bb", "#ebe6cf", 280, -1, 0.5)
    c.range(690, c.towers(0, 420, 300, at=[(150, 1, 1), (520, 0.6, 0.7), (1640, 0.9, 1), (1900, 0.7, 0.8)]), "#86b585", "#558c7d", "#d3dcb8", 400, -1)
    c.mist(640, 50, "#fdf5de", 0.6)
    profile = c.towers(0, 590, 470, 0.035, at=[(1010, 1, 1), (640, 0.42, 0.62), (1400, 0.40, 0.6)])
    wob = (c.noise(40, 40, 3) - 0.5) * 16
    dist = np.hypot((c.X - 1040) / 1.06, c.Y - 345) + wob
    hole = smooth(-1, 1, 68 - dist)
    c.range(780, profile, "#74a95c", "#2f7055", "#a7c47c", 640, -1, 1.1, hole)
    mask = np.clip(c.Y - (780 - profile[0])[None], 0, 1)
    rim = smooth(0, 10, 96 - dist) * (1 - hole) * mask
    c.lay(rim * smooth(-60, 40, -(c.Y - 345) - (c.X - 1040) * 0.5) * 0.75, "#1d4a45")
    c.lay(rim * smooth(-30, 60, (c.Y - 345) + (c.X - 1040) * 0.3) * 0.8, "#e9e2bd")
    c.lay(0.4 * rim * c.noise(14, 40, 3), "#8a8f78")
    c.mist(770, 34, "#f3f0d2", 0.55)
    x = np.arange(c.w)
    c.foliage(772 + c.line(200, 5) * 22, ("#2b6a4c", "#a4c667"), (7, 17), 0.9, bottom=812)
    grass = c.gradient([(0, "#c9d97a"), (0.3, "#93bb58"), (1, "#2f7a4c")], 795, 1080) * (0.9 + 0.2 * c.noise(240, 14, 5))[..., None]
    c.lay(np.clip(c.Y - (800 + c.line(300) * 8)[None], 0, 1), grass)
    t = np.clip((c.Y - 812) / 268, 0, 1)
    middle = 1130 - 520 * np.sin(t * 3.0) * (0.2 + 0.5 * t) + 260 * t
    half = 4 + 190 * t ** 1.5 + (c.noise(60, 30, 3) - 0.5) * 22 * t
    inside = smooth(-2, 2, half - abs(c.X - middle)) * (c.Y >= 812)
    c.lay(smooth(-14, 3, half - abs(c.X - middle)) * (c.Y >= 812) * 0.45, "#2c6f4b")
    c.lay(inside, c.gradient([(0, "#f1efd9"), (0.4, "#9ed0cf"), (1, "#4f9fae")], 812, 1080))
    c.lay(inside * 0.5 * smooth(0.6, 0.8, c.noise(200, 6, 3)), "#ffffff")
    for px, py, k, tone in ((520, 905, 1.0, "#5b3b24"), (610, 930, 1.15, "#e9dcc3"), (1480, 900, 0.95, "#3c2a22"), (1390, 880, 0.8, "#7a4d2b")):
        horse(c, px, py, k, tone)
    c.foliage(1062 - 70 * np.exp(-(x / 420) ** 2) - 60 * np.exp(-((x - 1920) / 360) ** 2) + c.line(50, 5) * 22, ("#164a37", "#6fa650"), (8, 20), 1)
    c.finish(warmth=0.004)
    return c


def horse(c, x, y, k, tone):
    """A grazing horse."""
    def draw(d, s):
        p = lambda *pts: [((x + a * k) * s, (y + b * k) * s) for a, b in pts]
        f = byte(tone)
        d.ellipse(p((-34, -46), (34, -16)), fill=f)
        d.polygon(p((20, -44), (34, -36), (56, -8), (48, -2), (26, -22)), fill=f)
        d.polygon(p((46, -10), (57, -9), (62, 8), (54, 11), (46, -1)), fill=f)
        for leg in (-28, -20, 20, 28):
            d.polygon(p((leg - 4, -26), (leg + 4, -26), (leg + 2, 6), (leg - 2, 6)), fill=f)
        d.polygon(p((-32, -42), (-38, -36), (-42, -8), (-36, -10)), fill=byte(mix(tone, "#000000", 0.35)))
        d.ellipse(p((-40, 2), (42, 12)), fill=byte("#1f5a3c", 90))
    c.paint(draw)


def thang_hen():
    """Thang Hen lake at daybreak: still water, one boat."""
    c = Canvas(seed=41)
    c.sky((0, "#3d5f8a"), (0.22, "#7f8fb0"), (0.42, "#e2a99b"), (0.56, "#fbd7a3"), (1, "#fbd7a3"))
    c.glow(1180, 520, 620, "#ffd08a", 0.8)
    c.disc(1180, 468, 46, "#fff1cf", 0.95)
    c.clouds(210, 120, "#f6b9a0", 0.6, 1100, 60)
    c.range(600, c.towers(8, 230, 170), "#b798a6", "#a48ca3", "#f2c9a4", 260, 1, 0.4)
    c.range(615, c.towers(6, 300, 200), "#8b8aa3", "#6d7795", "#e8bfa3", 320, 1, 0.6)
    c.mist(585, 34, "#fde2bd", 0.7)
    c.range(630, c.towers(0, 470, 280, at=[(130, 1, 1.1), (480, 0.55, 0.8), (1580, 0.6, 0.8), (1850, 1, 1.1)]), "#5e7591", "#3c5576", "#b69aa0", 480, 1)
    x = np.arange(c.w)
    shore = 628 - 70 * abs((x - 1000) / 960) ** 2 + c.line(120, 5) * 18
    c.foliage(shore, ("#2a4663", "#5d7a86"), (7, 16), 0.9, bottom=652)
    c.water(648, "#2b4a72", "#d9a99b", 4, 0.86)
    c.mist(652, 15, "#fde6c8", 0.8, 420)
    c.mist(730, 26, "#f7d3b8", 0.3, 900)
    c.lay(0.5 * smooth(0.55, 0.85, c.noise(150, 6, 3)) * np.exp(-((c.X - 1180) / (70 + (c.Y - 648) * 0.22)) ** 2) * (c.Y > 650), "#ffe9c2")
    boat(c, 1040, 770)
    near = 1080 - 190 * np.exp(-((x - 1900) / 420) ** 2) - 70 * np.exp(-(x / 260) ** 2) + c.line(70, 5) * 26
    c.foliage(near, ("#101f38", "#2c4a5e"), (10, 24), 0.9)
    c.finish()
    return c


def boat(c, x, y):
    def draw(d, s):
        p = lambda *pts: [((x + a) * s, (y + b) * s) for a, b in pts]
        ink = byte("#17233c")
        d.polygon(p((-150, -16), (-110, 6), (100, 6), (150, -20), (96, -8), (-100, -8)), fill=ink)
        d.polygon(p((28, -6), (64, -6), (58, -62), (36, -62)), fill=ink)
        d.ellipse(p((38, -80), (56, -60)), fill=ink)
        d.polygon(p((22, -72), (72, -72), (47, -94)), fill=byte("#2a3450"))
        d.line(p((52, -50), (96, -40), (136, 40)), fill=ink, width=5 * s)
    c.paint(draw)
    c.lay(0.55 * np.exp(-((c.X - x) / 130) ** 6) * smooth(0, 4, c.Y - y - 6) * (1 - smooth(4, 90, c.Y - y)), "#1c2c4c")
    c.lay(0.35 * smooth(0.5, 0.8, c.noise(160, 5, 2)) * np.exp(-((c.X - x) / 260) ** 4 - ((c.Y - y - 14) / 10) ** 2), "#ffe3c4")


def ruong_bac_thang():
    """Rice terraces in harvest, karst behind."""
    c = Canvas(seed=53)
    c.sky((0, "#86b6c9"), (0.25, "#cfe0d6"), (0.42, "#fde7bd"), (1, "#fde7bd"))
    c.glow(480, 240, 620, "#ffe2a6", 0.85)
    c.clouds(110, 80, "#fffaf0", 0.55)
    c.range(440, c.towers(7, 240, 190), "#a9c8c4", "#8fb3b6", "#efe4c4", 260, -1, 0.5)
    c.range(480, c.towers(6, 300, 220), "#7faa93", "#588a82", "#e2deb6", 330, -1, 0.8)
    c.mist(455, 42, "#fff3d6", 0.7)
    x = np.arange(c.w)
    c.foliage(452 + 26 * np.sin(x / 330) + c.line(160, 5) * 16, ("#3a6f55", "#a9bd6a"), (6, 14), 0.9, bottom=520)
    a, b = gaussian_filter(c.line(520, 2), 30), gaussian_filter(c.line(420, 2), 30)
    y = 486.0
    for i in range(24):
        t = i / 23
        step = 9 + 38 * t ** 1.25
        swing = (a * (1 - t) + b * t) * (50 + 190 * t) + 40 * np.sin(x / 420 + i * 0.16) * (0.4 + t)
        top = y + swing
        depth = c.Y - top[None]
        ripe = float(c.rng.random())
        gold, green = mix("#ecc75c", "#d99b2f", t), mix("#a9bf52", "#5f8f35", t)
        tone = mix(gold, green, 0.15 if ripe < 0.6 else 0.75)
        grain = c.noise(5 + 6 * t, 10 + 10 * t, 3)
        field = rgb(tone) * (0.86 + 0.3 * grain)[..., None]
        side = smooth(-0.6, 0.6, np.gradient(gaussian_filter(top, 12)) * 2.2)[None]
        field = field * (0.86 + 0.22 * side)[..., None]
        c.lay(np.clip(depth + 0.5, 0, 1), field)
        c.lay(np.exp(-(depth / (1.2 + 2.4 * t)) ** 2) * 0.9, mix("#fff0b0", "#ffe08a", t))
        under = smooth(0, step * 0.36, depth)
        c.lay((1 - under) * (depth > 2) * 0.45, mix("#7d8a3c", "#4d6428", t))
        if ripe > 0.86:
            c.lay(smooth(2, 6, depth) * (1 - smooth(step * 0.7, step, depth)) * 0.8, mix("#dbe8dd", "#a8cfd0", t))
        y += step
    for hx, hy, k in ((1330, 690, 0.6), (1420, 704, 0.62), (560, 770, 0.85)):
        reaper(c, hx, hy, k)
    c.mist(510, 30, "#fff0cf", 0.45)
    c.finish(warmth=0.008)
    return c


def reaper(c, x, y, k):
    def draw(d, s):
        p = lambda *pts: [((x + a * k) * s, (y + b * k) * s) for a, b in pts]
        d.polygon(p((-20, 0), (20, 0), (24, -48), (-4, -66), (-22, -40)), fill=byte("#28365a"))
        d.polygon(p((14, -52), (46, -26), (40, -20), (8, -40)), fill=byte("#28365a"))
        d.polygon(p((-22, -66), (34, -58), (14, -88)), fill=byte("#f0d9a0"))
        d.polygon(p((-22, -66), (34, -58), (6, -62)), fill=byte("#b8935a"))
        d.polygon(p((36, -30), (70, -52), (78, -38), (46, -16)), fill=byte("#f5cf62"))
    c.paint(draw)
