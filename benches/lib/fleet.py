"""Thousands of simulated players: the first load, an idle round, a month's change at spread times, and one at the same time."""

import json
import os
import random
import resource
import subprocess
import time

from . import player
from .measure import ROOT, SEED
from .months import page
from .servers import Nginx

PLAYERS, POLL, THREADS = (int(os.environ.get(name, default)) for name, default in (("PLAYERS", "10000"), ("POLL", "60"), ("THREADS", "32")))
PROGRAM = ROOT / "target/dist/examples/fleet"


def month(folder, number, rng):
    """A small month: 40 pages, 8 pictures. From one to the next 20 pages and 2 pictures change."""
    (folder / "html").mkdir(parents=True)
    (folder / "media").mkdir()
    for at in range(40):
        (folder / f"html/s{at:03}.html").write_text(page(at, number if at % 2 else 1), encoding="utf-8")
    for at in range(8):
        seed = (at, number if at < 2 else 1)
        (folder / f"media/img-{at}.jpg").write_bytes(random.Random(f"{seed} {SEED}").randbytes(20_000))
    return folder


def cpu_of(pid):
    fields = open(f"/proc/{pid}/stat", encoding="ascii").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Fleet:
    """The simulation's process; runs one round at a time."""

    def __init__(self, work, server, root):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        command = [PROGRAM, root, work / "players", PLAYERS, THREADS]
        # The round's result counts failed cycles; the players' log lines are dropped.
        self.process = subprocess.Popen([str(a) for a in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.server = server

    def round(self, seconds):
        self.server.lines()
        server, own, start = self.server.cpu(), cpu_of(self.process.pid), time.perf_counter()
        self.process.stdin.write(f"http://127.0.0.1:{self.server.port} {seconds}\n")
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline())
        wall = time.perf_counter() - start
        lines = self.server.lines()
        return {
            **found, "wall": wall, "server": self.server.cpu() - server, "own": cpu_of(self.process.pid) - own,
            "requests": len(lines), "bytes": sum(bytes for bytes, _, _ in lines), "refused": sum(status >= 500 for _, status, _ in lines),
        }

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def run(work):
    rng = random.Random(SEED)
    office, store = player.Office(work), work / "store"
    office.publish(store, month(work / "m1", 1, rng))
    print(f"{PLAYERS:,} players, looking every {POLL} s, {THREADS} threads, seed {SEED}\n")
    print("| round | requests | bytes | bytes a player | errors | have it after, s: p50 / p99 / last | players a second | server CPU s | players' CPU s |")
    print("| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |", flush=True)
    with Nginx(store, work, buffered=True) as server:
        fleet = Fleet(work, server, office.desk / "root/1.json")
        try:
            row("first load, all at once", fleet.round(0), 1)
            row("idle, one look each", fleet.round(POLL), 1)
            office.publish(store, month(work / "m2", 2, rng))
            row("a month's change, each at its own time", fleet.round(POLL), 2)
            office.publish(store, month(work / "m3", 3, rng))
            row("a month's change, all at once", fleet.round(0), 3)
        finally:
            fleet.end()
    print(flush=True)


def row(name, each, version):
    wrong = each["errors"] + each["refused"]
    if each["oldest"] != version:
        wrong = f"{wrong}, not all have version {version}"
    if each["reasons"]:
        wrong = f"{wrong} ({each['reasons'][0]})"
    late = f", starts up to {each['latest_start']:.1f} s late" if each["latest_start"] > 1 and "own time" in name else ""
    times = " / ".join("–" if each[at] is None else f"{each[at]:.1f}" for at in ("p50", "p99", "last"))
    print(f"| {name} | {each['requests']:,} | {each['bytes']:,} | {each['bytes'] / PLAYERS:,.0f} | {wrong} | {times}{late} "
          f"| {PLAYERS / (each['last'] or each['wall']):,.0f} | {each['server']:.1f} | {each['own']:.1f} |", flush=True)
