"""What a player costs that plays on and on: a month of 120 slides on four faces, each asked and reported on as the shell does it. Memory,
idle CPU, syncs of the disk a day, the time to the first slide, also with 8 GB stored (FULL=1), and from a withdrawal to the dark screen under a slow
download. Needs 17 GB of disk below `target/` with FULL=1, else 2 GB."""

import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

from . import history, months, player
from .measure import BINARY, FULL, ROOT, RUNS, SEED, call
from .peers import need

FACES, SLIDES, MONTH = "abcd", 120, "2026-12"
# Bytes of all films on the player's disk, and of one of them.
STORED, FILM = 8_000_000_000 if FULL else 1_000_000_000, 250_000_000
NOW = ["--now", "2026-11-30T08:00"]


def versions():
    player.build()
    need("strace", "chromium", "nodejs", "npm")
    call(["npm", "ci", "--no-audit", "--no-fund"], cwd=ROOT / "tests")
    return f"no peer; {call(['chromium', '--version']).strip()}"


def run(work, table):
    office = history.office(work / "office", BINARY, ROOT, SLIDES, 1, [MONTH])
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
    # On a disk: the films and the player's copy would fill the memory of most machines.
    with tempfile.TemporaryDirectory(dir=ROOT / "target", prefix="bangtin-endurance-") as folder:
        large(pathlib.Path(folder), table)
    dark(table)


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
        took = self.until(self.first_slide) - began
        self.end()
        return took

    def until(self, done):
        """When something first succeeds that a starting player refuses."""
        while self.process.poll() is None:
            try:
                done()
                return time.perf_counter()
            except (urllib.error.URLError, LookupError):
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
    """A second's syncs, counted over ten minutes: those of the start and of the first play are no part of them."""
    counted = site.folder / "strace"
    site.start("strace", "-D", "-f", "-qq", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", counted)
    with faces(site, plays):
        time.sleep(60)
        first = len(counted.read_bytes().splitlines())
        time.sleep(600)
        last = len(counted.read_bytes().splitlines())
    site.end()
    return (last - first) / 600


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


def large(work, table):
    """A start with films of STORED bytes that are not in the page cache: until a slide is served, that of the evergreen week, and until the month
    is on air, for which all of it was read through."""
    site, month = films(work)
    subprocess.run(["sync"], check=True)
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("1")
    began = time.perf_counter()
    site.start()
    first = site.until(site.first_slide) - began

    def on_air():
        if month not in [each["program"] for each in site.json("screens/a/schedule.json")["programs"]]:
            raise LookupError(month)

    whole = site.until(on_air) - began
    site.end()
    stored = f"{STORED / 1e9:.0f} GB"
    table.fact(f"the same with {stored} of films stored, nothing of them in the page cache, s", f"{first:.2f}", "< 5")
    rate = f"{STORED / 1e6 / whole:,.0f} MB a second are read and hashed, beside a player that answers"
    table.fact(f"until the month with the {stored} is on air, s", f"{whole:.1f}", note=rate)


def films(work):
    """A site whose month holds films of STORED bytes, all stored, and the month's digest."""
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
    # The objects are the store's own files, so that no second copy of them is needed; the player reads them through.
    shutil.copytree(store / "objects", site.folder / "data/store/objects", copy_function=os.link)
    site.pull()
    programs = {path.stem: json.loads(path.read_text()) for path in (store / "programs").glob("*.json")}
    shutil.rmtree(store)
    return site, next(digest for digest, manifest in programs.items() if manifest["kind"] == "monthly")


def dark(table):
    """From the writing of a withdrawal until the slide that is on the screen is gone, in Chromium, while a film of three hours comes."""
    environment = {**os.environ, "BANGTIN_BIN": str(player.PLAYER.parent), "POLL": "60"}
    said = call(["node", "--test", "browser/dark.mjs"], cwd=ROOT / "tests", env=environment)
    gone = re.search(r"gone ([\d.]+) s after", said).group(1)
    table.fact("withdrawal until the slide on the screen is gone in Chromium, during a slow download, s", gone, "< 70", "a look a minute")
