"""Sizes and times without a peer: the shell, the sample month."""

import gzip
import os
import shutil

from .measure import BINARY, ROOT, Contestant, in_turns


def versions():
    return "no peer"


def run(work, table):
    sample(work, table)
    # Modules and style that a screen loads, as tests/browser/fit.test.mjs counts them.
    others = ("measure.js", "operator.css", "operator.js")
    shell = [path for path in (ROOT / "player").glob("*") if path.suffix in (".js", ".css") and path.name not in others]
    packed = sum(len(gzip.compress(path.read_bytes(), 9, mtime=0)) for path in shell)
    table.fact("shell, each file gzipped, B", f"{packed:,}", "< 17,408", f"{len(shell)} files")


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
