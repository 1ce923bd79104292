"""Updates of real media: one film and one picture, each with realistic edits. ffmpeg makes them from its test sources."""

import shutil

from . import peers, player, updates
from .measure import call
from .months import page

FIELD = [updates.Rsync(), updates.Zsync(), updates.Bita(), updates.Whole()]


def ffmpeg(*args):
    call(["ffmpeg", "-nostdin", "-v", "error", "-y", "-fflags", "+bitexact", *args])


def tree(folder):
    """Pages only; media are added separately."""
    (folder / "media").mkdir(parents=True)
    (folder / "html").mkdir()
    for number in range(3):
        (folder / f"html/s{number:03}.html").write_text(page(number, 6), encoding="utf-8")
    return folder


def originals(folder):
    film, picture = folder / "media/film.mp4", folder / "media/picture.jpg"
    moving = ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25,noise=alls=6:allf=t", "-f", "lavfi", "-i", "sine=frequency=330"]
    ffmpeg(*moving, "-t", "12", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p", "-c:a", "aac", film)
    ffmpeg("-f", "lavfi", "-i", "mandelbrot=size=1920x1080,noise=alls=8", "-frames:v", "1", "-q:v", "3", picture)


def retitled(old, new):
    ffmpeg("-i", old, "-c", "copy", "-map_metadata", "0", "-metadata", "title=Thác Bản Giốc mùa nước", new)


def faststart(old, new):
    ffmpeg("-i", old, "-c", "copy", "-movflags", "+faststart", new)


def encoded_again(old, new):
    ffmpeg("-i", old, "-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-c:a", "copy", new)


def saved_again(old, new):
    ffmpeg("-i", old, "-q:v", "4", new)


CASES = [
    ("film, title changed", "media/film.mp4", retitled),
    ("film re-muxed for a fast start", "media/film.mp4", faststart),
    ("film encoded again", "media/film.mp4", encoded_again),
    ("picture saved again", "media/picture.jpg", saved_again),
]


def versions():
    player.build()
    peers.need("ffmpeg", "rsync", "zsync", "nginx", "curl")
    return f"ffmpeg {peers.version(['ffmpeg'], '-version')}"


def run(work, table):
    old = tree(work / "old")
    originals(old)
    bangtin = updates.Bangtin(work, old)
    for at, (title, path, change) in enumerate(CASES):
        new = work / f"new-{at}"
        shutil.copytree(old, new)
        (new / path).unlink()
        change(old / path, new / path)
        mb = (new / path).stat().st_size / 1e6
        case = updates.Case(f"media {at + 1}", f"{title}, {mb:.1f} MB", old, new, [path])
        place = work / f"case-{at}"
        place.mkdir()
        updates.rows(table, case, updates.measure_case(bangtin, case, place, FIELD))
        shutil.rmtree(place)
