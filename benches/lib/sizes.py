"""Sizes and times without a peer: the shell, the player's binary, its memory in steady play, the sample month."""

import gzip
import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

from . import player
from .measure import BINARY, ROOT, Contestant, in_turns


def versions():
    player.build()
    return "no peer"


def run(work, table):
    sample(work, table)
    shell = [path for path in (ROOT / "player").glob("*") if path.suffix in (".js", ".css", ".html") and path.name != "static.html"]
    packed = sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in shell)
    table.fact("shell, each file gzipped, B", f"{packed:,}", "< 8,192", f"{len(shell)} files")
    table.fact("player binary, stripped, MB", f"{player.PLAYER.stat().st_size / 1e6:.2f}", "< 5")
    table.fact("player, resident in steady play, MB", f"{steady(work):.1f}", "< 10")


def sample(work, table):
    copy = work / "sample"
    for name in ("content", "themes"):
        shutil.copytree(ROOT / name, copy / name)
    clean = lambda: shutil.rmtree(copy / "out", ignore_errors=True)

    def cold():
        clean()
        shutil.rmtree(copy / "cache", ignore_errors=True)

    args, env = [BINARY, "-q", "build", "--month", "2026-12", "--out", "out"], {**os.environ, "XDG_CACHE_HOME": str(copy / "cache")}
    for what, before in (("cold", cold), ("pictures cached", clean)):
        each = in_turns([Contestant("bangtin", args, copy, before, env)])[0]
        table.fact(f"sample month, both sites, {what}, ms", f"{each.ms:,.0f}", note=f"peak {each.peak:.0f} MB")


def steady(work):
    """The player alone, on a store that the demonstration published."""
    demo = subprocess.Popen([BINARY, "demo", "--site", "ta-lung", "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    running = None
    try:
        facts = json.loads(demo.stdout.readline())
        config = json.loads(Path(facts["player_config"]).read_text())
        config.update(data=str(work / "player"), listen="127.0.0.1:0", poll_seconds=10)
        (work / "player.json").write_text(json.dumps(config))
        running = subprocess.Popen([player.PLAYER, "run", "--config", work / "player.json"], stdout=subprocess.PIPE, text=True)
        address = running.stdout.readline().strip()
        ready = lambda: json.load(urllib.request.urlopen(address + "health.json"))["last_success"]
        player.wait(ready)
        for _ in range(200):
            urllib.request.urlopen(address + "screens/a/schedule.json").read()
        time.sleep(1)
        status = Path(f"/proc/{running.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024
    finally:
        for process in filter(None, (running, demo)):
            process.terminate()
            process.wait()
