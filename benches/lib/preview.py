"""The preview: from the save of a slide until Chromium shows it, with 1,000 slides and in a large province, and what the idle preview costs with
three tabs open."""

import json
import statistics

from . import peers, slides
from .measure import BINARY, ROOT, SEED, call

SAVES = 30
# The preview is opened in the first; its slides are the first ones.
MONTHS = [f"2026-{month:02}" for month in range(12, 0, -1)]


def versions():
    peers.need("chromium", "nodejs", "npm")
    call(["npm", "ci", "--no-audit", "--no-fund"], cwd=ROOT / "tests")
    return call(["chromium", "--version"]).strip()


def run(work, table):
    saves(work / "office", table, "1,000 slides", 1_000)
    saves(work / "province", table, "10,000 slides, 60 sites", 10_000, 60, MONTHS)


def saves(work, table, what, count, *more):
    file = slides.bangtin(work, ROOT / "themes", count, SEED, *more)
    said = json.loads(call(["node", ROOT / "benches/lib/preview.mjs", BINARY, work / "content", file, str(SAVES)]))
    times = sorted(said["saves"])
    table.fact(f"{what}: save until it is seen, ms, p50", f"{statistics.median(times):,.0f}")
    table.fact("the same, p95", f"{times[int(len(times) * 0.95)]:,.0f}", note=f"{SAVES} saves")
    table.fact(f"{what}: idle preview with three tabs, CPU %", f"{said['idle']:.1f}")
