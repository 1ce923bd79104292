"""Generators: the same slides by bangtin, Hugo, Zola and Eleventy; cold, and with one slide changed since the last build."""

import os
import shutil

from . import peers, slides
from .measure import BINARY, ROOT, RUNS, SEED, Clocked, Contestant, in_turns

# Builds of a few hundredths of a second vary more than builds of seconds.
CHANGES = 5 * RUNS


def contestants(work, count, tools):
    """name → (contestant, slide to change, folder of the result)."""
    out = {}
    place = work / f"bangtin-{count}"
    changed = slides.bangtin(place, ROOT / "themes", count, SEED)
    build = [BINARY, "-q", "build", "--month", "2026-12", "--site", "cum-00", "--out", "out"]
    env = {**os.environ, "XDG_CACHE_HOME": str(place / "cache")}
    out["bangtin"] = Contestant("bangtin", build, place, env=env), changed, place / "out"
    for name, command, result in tools:
        place = work / f"{name}-{count}"
        # Eleventy takes ten times as long as the others: shown, not measured as often.
        most = 1 if name == "eleventy" else CHANGES
        out[name] = Contestant(name, command, place, most=most), getattr(slides, name)(place, count, SEED), place / result
    return out


def tools():
    offered = (
        ("hugo", peers.hugo(), ["--quiet"], "public"),
        ("zola", peers.zola(), ["build"], "public"),
        ("eleventy", peers.eleventy(), ["--quiet"], "_site"),
    )
    return [(name, [*command, *args], result) for name, command, args, result in offered if command]


def versions():
    return f"hugo {peers.version(peers.hugo(), 'version')}, zola {peers.version(peers.zola())}, eleventy {peers.version(peers.eleventy())}"


def run(work, table):
    found = tools()
    absent = {name: None for name in ("hugo", "zola", "eleventy") if name not in [each[0] for each in found]}
    for count in (1_000, 10_000):
        each = contestants(work, count, found)
        field = [contestant for contestant, _, _ in each.values()]
        for contestant, _, result in each.values():
            contestant.before = lambda result=result: forget(result)
        in_turns(field)
        for contestant, _, result in each.values():
            # A tool that omits slides would look fast.
            pages = sum(1 for _ in result.rglob("*.html"))
            if pages < count:
                raise SystemExit(f"{contestant.name} made {pages} pages of {count} slides")
        others = lambda figure: {c.name: figure(c) for c in field[1:]} | absent
        table.row(f"{count:,} slides, cold, ms", field[0].ms, others(lambda c: c.ms), "≤ 0.5")
        cold_peak = field[0].peak
        table.row(f"{count:,} slides, peak memory, MB", cold_peak, others(lambda c: c.peak), "< zola")
        for contestant, changed, _ in each.values():
            contestant.runs.clear()
            contestant.by = Clocked
            contestant.before = lambda changed=changed: touch(changed)
        in_turns(field, CHANGES)
        table.row(f"{count:,} slides, one changed, ms", field[0].ms, others(lambda c: c.ms), "≤ 0.1", "{:,.1f}")
        for _, _, result in each.values():
            shutil.rmtree(result.parent)


def forget(result):
    """Removes the result, and what bangtin remembers of earlier builds beside it: cold is cold in every run, not in the first alone."""
    for folder in (result, result.parent / "cache"):
        shutil.rmtree(folder, ignore_errors=True)


def touch(slide):
    """Appends a sentence, so that the page must change."""
    touch.turn += 1
    with open(slide, "a", encoding="utf-8") as file:
        file.write(f"\nThêm một câu, lần {touch.turn}.\n")


touch.turn = 0
