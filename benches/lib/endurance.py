"""What a player costs that plays on and on: a month of 120 slides on four faces, each asked and reported on as the shell does it. Memory,
idle CPU, syncs of the disk a day, the time to the first slide, and from a withdrawal to the dark screen under a slow download."""

import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import threading
import time
import urllib.error
import urllib.request

from . import history, months, player
from .measure import BINARY, FULL, RUNS, SEED, call
from .peers import need
from .servers import Nginx

FACES, SLIDES, MONTH, NEXT = "abcd", 120, "2026-12", "2027-01"
# Bytes of all films on the player's disk, of one of them, and of a second of the slow line.
STORED, FILM, SLOW = 8_000_000_000 if FULL else 1_000_000_000, 250_000_000, 5_000
NOW = ["--now", "2026-11-30T08:00"]


def versions():
    player.build()
    need("strace")
    return "no peer"


def run(work, table):
    office = history.office(work / "office", BINARY, 2 * SLIDES, 1, [MONTH, NEXT])
    site = office / "content/sites/cum-00.yaml"
    face = "  - {id: a, width: 1920, height: 1080}\n"
    site.write_text(site.read_text().replace(face, "".join(face.replace("id: a", f"id: {name}") for name in FACES)))
    approve(office, "--evergreen")
    publish(office, MONTH)
    at_site = lambda name, store=office / "store", **more: Site(work / name, store, office / "content/trust/root/1.json", **more)
    table.fact("player binary, stripped, MB", f"{player.PLAYER.stat().st_size / 1e6:.2f}", "< 5")
    steady(at_site("steady"), table)
    warm = statistics.median(at_site(f"warm{turn}").warm() for turn in range(RUNS))
    table.fact("start to the first slide, everything stored, s", f"{warm:.2f}", "< 1")
    table.fact(f"the same with {STORED / 1e9:.0f} GB of films stored, s", f"{films(work).warm():.2f}", "< 5")
    with Nginx(office / "store", work, rate=SLOW) as served:
        slow = at_site("slow")
        slow.pull()
        slow.settings.update(store=[f"http://127.0.0.1:{served.port}/"], poll_seconds=60)
        withdrawal(slow, office, table)


def approve(office, *period):
    call([BINARY, "-q", "approve", *period, *history.DECISION, *NOW], cwd=office)


def publish(office, month):
    approve(office, "--month", month)
    call([BINARY, "-q", "publish", "--to", "store", "--month", month, "--key", "publish.key", *NOW], cwd=office)


class Site:
    """One machine's folder and its player."""

    def __init__(self, folder, store, root, site="cum-00", **settings):
        self.folder = folder
        folder.mkdir()
        call([BINARY, "-q", "keys", "new", folder / "play.key", "--no-password"])
        self.settings = {"site": site, "player": "p1", "store": [str(store)], "data": str(folder / "data"), "root": str(root),
                         "listen": "127.0.0.1:0", "play_key": str(folder / "play.key"), "reserve_bytes": 0, **settings}

    def start(self, *before):
        config = self.folder / "player.json"
        config.write_text(json.dumps(self.settings))
        self.process = subprocess.Popen([*before, player.PLAYER, "run", "--config", config], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def get(self, path):
        with urllib.request.urlopen(self.address + path.lstrip("/")) as answer:
            return answer.read()

    def json(self, path):
        return json.loads(self.get(path))

    def first_slide(self):
        """Loads what a screen needs for its first slide: the schedule, a timetable, a page."""
        program = self.json("screens/a/schedule.json")["programs"][0]
        self.get(program["base"] + next(iter(self.json(program["timetable"])["pages"].values())))

    def pull(self):
        self.start()
        player.wait(lambda: self.json("health.json")["last_success"] and not self.json("health.json")["pending"], 600)
        self.end()

    def warm(self):
        """Seconds from the start of a player that has everything until it has served its first slide."""
        if not (self.folder / "data/state.a").exists():
            self.pull()
        began = time.perf_counter()
        self.start()
        while self.process.poll() is None:
            try:
                self.first_slide()
                self.end()
                return time.perf_counter() - began
            except (urllib.error.URLError, IndexError):
                time.sleep(0.01)
        raise SystemExit("the player ended")


def shell(site, face, ended, plays):
    """Asks as the shell of one face does, and reports a play of ten seconds every ten seconds."""
    tag, said, began = None, 0, time.monotonic()
    while not ended.wait(2):
        request = urllib.request.Request(f"{site.address}screens/{face}/schedule.json", headers={"If-None-Match": tag} if tag else {})
        try:
            with urllib.request.urlopen(request) as answer:
                tag, schedule = answer.headers["ETag"], json.loads(answer.read())
                program = schedule["programs"][0]
                slides = list(site.json(program["timetable"])["pages"])
        except urllib.error.HTTPError as error:
            assert error.code == 304, error
        site.get("clock")
        if plays and time.monotonic() - began > 10 * (said + 1):
            now = int(time.time() * 1000)
            play = {"token": schedule["token"], "screen": face, "program": program["program"], "slide": slides[said % len(slides)],
                    "start": now - 10_000, "end": now, "ms": 10_000, "painted": True, "outcome": "shown"}
            headers = {"Content-Type": "application/json", "Origin": site.address.rstrip("/")}
            urllib.request.urlopen(urllib.request.Request(site.address + "play", json.dumps(play).encode(), headers)).read()
            said += 1


def steady(site, table):
    site.pull()
    site.start()
    with faces(site, plays=True):
        time.sleep(20)
        before = cpu(site.process.pid)
        time.sleep(60)
        used = cpu(site.process.pid) - before
        status = pathlib.Path(f"/proc/{site.process.pid}/status").read_text()
    site.end()
    value = lambda name: int(re.search(rf"{name}:\s+(\d+)", status).group(1))
    note = f"{value('RssAnon') / 1024:.1f} of its own, {value('RssFile') / 1024:.1f} of files; {value('Threads')} threads"
    table.fact(f"player, resident, {len(FACES)} faces, {SLIDES} slides, MB", f"{value('VmRSS') / 1024:.1f}", "< 10", note)
    table.fact("its CPU, %", f"{used / 60 * 100:.2f}", "< 1")
    rates = {plays: syncs(site, plays) for plays in (True, False)}
    day = rates[True] * 8 * 3600 + rates[False] * 16 * 3600
    table.fact("its syncs of the disk, a day of eight open hours", f"{day:,.0f}", note=f"{rates[True] * 3600:,.0f} an open hour")


def syncs(site, plays):
    """A second's syncs, counted over two minutes."""
    counted = site.folder / "strace"
    site.start("strace", "-D", "-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", counted)
    with faces(site, plays):
        time.sleep(10)
        first = len(counted.read_bytes().splitlines())
        time.sleep(120)
        last = len(counted.read_bytes().splitlines())
    site.end()
    return (last - first) / 120


class faces:
    """The shells of all faces, in threads."""

    def __init__(self, site, plays):
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=shell, args=(site, face, self.ended, plays)) for face in FACES]

    def __enter__(self):
        for thread in self.threads:
            thread.start()

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def films(work):
    """A site whose month holds films of STORED bytes, all pulled and out of the page cache."""
    office, tree, store = player.Office(work / "films"), work / "tree", work / "films/store"
    (tree / "media").mkdir(parents=True)
    (tree / "html").mkdir()
    (tree / "html/s000.html").write_text(months.page(0, 12))
    rng = random.Random(SEED)
    for number in range(STORED // FILM):
        with (tree / f"media/film-{number:02}.mp4").open("wb") as film:
            for _ in range(FILM // 10_000_000):
                film.write(rng.randbytes(10_000_000))
    office.publish(store, tree)
    shutil.rmtree(tree)
    site = Site(work / "large", store, office.desk / "root/1.json", site="do")
    site.pull()
    shutil.rmtree(store)
    subprocess.run(["sync"], check=True)
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("1")
    return site


def withdrawal(site, office, table):
    """From the start of `withdraw --to` until the schedule knows it, while the next month comes over a line of 5,000 bytes a second."""
    publish(office, NEXT)
    site.start()
    coming = lambda: any((site.folder / "data/store/parts").glob("*"))
    player.wait(coming, 300)
    began = time.perf_counter()
    call([BINARY, "-q", "withdraw", "--slide", "t01/trang-00001", "--reason", "sai", "--to", "store", "--key", "chief.key", *NOW], cwd=office)
    player.wait(lambda: site.json("screens/a/schedule.json")["withdrawn"]["slides"], 600)
    took = time.perf_counter() - began
    note = "the month was still coming" if coming() else "the month had come"
    site.end()
    table.fact("withdrawal until the schedule knows it, during a slow download, s", f"{took:.0f}", "< 70", note)
