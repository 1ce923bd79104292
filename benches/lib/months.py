"""Writes a month of 400 MB, `old`, and five updates of it, `new_a` to `new_e`. 120 media files that do not compress, 0.2 to 20 MB, and 200
small pages. Seeded: same SEED, same bytes.

a: nothing changed · b: 12 files under new names · c: 12 files with edits of 4 KB · d: 64 KB inserted near the start of the three
biggest · e: every page slightly changed.
"""

import os
import random
import shutil

WORDS = "công ty phòng họp nhân viên thông báo lịch làm việc khách hàng sản phẩm chất lượng an toàn".split()
OLD = 1_700_000_000
NEW = OLD + 30 * 86_400
TITLES = {
    "a": "nothing changed",
    "b": "12 new files, {bytes:.1f} MB",
    "c": "12 files of {bytes:.0f} MB edited in {spots} spots of 4 KB",
    "d": "64 KB inserted in 3 files of {bytes:.0f} MB",
    "e": "200 pages slightly changed",
}


def page(number, month):
    rng = random.Random(number)
    body = "".join("<p>" + " ".join(rng.choice(WORDS) for _ in range(40)) + "</p>\n" for _ in range(rng.randint(5, 25)))
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Slide {number}</title><meta name="build" content="2024-{month:02d}">'
        f"</head>\n<body>\n{body}<footer>Tháng {month}/2024</footer></body></html>\n"
    )


def sizes(rng, total):
    pictures = [int(rng.uniform(0.2e6, 2e6)) for _ in range(80)]
    films = [int(rng.uniform(2e6, 20e6)) for _ in range(40)]
    scale = (total - sum(pictures)) / sum(films)
    films = [min(20_000_000, max(2_000_000, int(size * scale))) for size in films]
    return [(f"media/img-{at:03}.jpg", size) for at, size in enumerate(pictures)] + [(f"media/vid-{at:03}.mp4", size) for at, size in enumerate(films)]


def put(path, data, time):
    """Writes a new file, since the trees share unchanged files by hard links."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    os.utime(path, (time, time))


def months(out, seed, total=400_000_000):
    """Returns each update's display name and changed paths."""
    rng, old = random.Random(seed), out / "old"
    (old / "media").mkdir(parents=True)
    (old / "html").mkdir()
    names = sizes(rng, total)
    for name, size in names:
        put(old / name, rng.randbytes(size), OLD)
    for number in range(200):
        put(old / f"html/s{number:03}.html", page(number, 6).encode(), OLD)
    for update in TITLES:
        shutil.copytree(old, out / f"new_{update}", copy_function=os.link)
    rng = random.Random(seed + 1)
    changed = {"a": [], "b": [], "c": [], "d": [], "e": [f"html/s{number:03}.html" for number in range(200)]}
    of_b = rng.sample(names, 12)
    for name, size in of_b:
        (out / "new_b" / name).unlink()
        changed["b"].append(name.replace("/", "/new-"))
        put(out / "new_b" / changed["b"][-1], rng.randbytes(size), NEW)
    of_c, spots = rng.sample(names, 12), 0
    for name, size in of_c:
        data = bytearray((old / name).read_bytes())
        for _ in range(max(2, size // 4_000_000)):
            at = rng.randrange(0, size - 4096)
            data[at : at + 4096] = rng.randbytes(4096)
            spots += 1
        changed["c"].append(name)
        put(out / "new_c" / name, data, NEW)
    of_d = sorted(names, key=lambda each: -each[1])[:3]
    for name, _ in of_d:
        data = (old / name).read_bytes()
        changed["d"].append(name)
        put(out / "new_d" / name, data[:1000] + rng.randbytes(65536) + data[1000:], NEW)
    for number in range(200):
        put(out / f"new_e/html/s{number:03}.html", page(number, 7).encode(), NEW)
    bytes_of = {"b": of_b, "c": of_c, "d": of_d}
    titles = {
        update: title.format(bytes=sum(size for _, size in bytes_of.get(update, [])) / 1e6, spots=spots) for update, title in TITLES.items()
    }
    return titles, changed
