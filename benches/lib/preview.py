"""The preview: from the save of one of 1,000 slides until Chromium shows it, and what the idle preview costs with three tabs open."""

import json
import statistics

from . import peers, slides
from .measure import BINARY, ROOT, SEED, call

SAVES = 30


def versions():
    peers.need("chromium", "nodejs", "npm")
    call(["npm", "ci", "--no-audit", "--no-fund"], cwd=ROOT / "tests")
    return call(["chromium", "--version"]).strip()


def run(work, table):
    file = slides.bangtin(work, ROOT / "themes", 1000, SEED)
    said = json.loads(call(["node", ROOT / "benches/lib/preview.mjs", BINARY, work / "content", file, str(SAVES)]))
    times = sorted(said["saves"])
    table.fact("save of one of 1,000 slides until it is seen, ms, p50", f"{statistics.median(times):,.0f}")
    table.fact("the same, p95", f"{times[int(len(times) * 0.95)]:,.0f}", note=f"{SAVES} saves")
    table.fact("idle preview with three tabs, CPU %", f"{said['idle']:.1f}")
