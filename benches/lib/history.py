"""The years of an office: `approve` with few and with many filed months, `publish` of several sites and months, packs of a province.
Compares binaries in turns, with the processor time of each, because an office's machine has other work too."""

import pathlib
import shutil
import statistics

from . import slides
from .measure import ROOT, RUNS, SEED, Timed, call

FILED, MONTH = 120, "2036-12"
DECISION = ["--key", "chief.key", "--unseen", "--yes"]


def run(work, binaries):
    print("| what | " + " | ".join(f"{name}: wall s, CPU s" for name in binaries) + " |\n| --- |" + " ---: |" * len(binaries), flush=True)
    old = next(iter(binaries.values()))
    years = [f"{2026 + number // 12}-{number % 12 + 1:02}" for number in range(FILED)]
    few = office(work / "few", old, 20 * (FILED + 1), 1, [*years, MONTH])
    many = work / "many"
    shutil.copytree(few, many, symlinks=True)
    for month in years:
        call([old, "-q", "approve", "--month", month, *DECISION, "--now", "2026-01-01"], cwd=many)
    row("approve a month of 20 slides, nothing filed", binaries, few, ["approve", "--month", MONTH, *DECISION], "content/approvals")
    row(f"the same, {FILED} months filed", binaries, many, ["approve", "--month", MONTH, *DECISION], "content/approvals")
    months = ["2036-10", "2036-11", "2036-12"]
    publication(binaries, old, office(work / "ten", old, 3 * 60, 10, months), months, "publish 10 sites, 3 months of 60 slides")
    months = ["2036-12"]
    publication(binaries, old, office(work / "province", old, 833, 60, months), months, "publish 60 sites, a month of 833 slides")


def publication(binaries, old, work, months, what):
    for period in [["--evergreen"], *(["--month", month] for month in months)]:
        call([old, "-q", "approve", *period, *DECISION, "--now", "2036-09-01"], cwd=work)
    row(what, binaries, work, ["publish", "--to", "store", "--key", "publish.key", "--now", "2036-09-01"], "store", "archive")


def office(work, old, count, sites, months):
    """A content folder with its keys and first root."""
    slides.bangtin(work, ROOT / "themes", count, SEED, sites, months)
    for name in ("root", "publish", "chief"):
        call([old, "-q", "keys", "new", f"{name}.key", "--no-password"], cwd=work)
    roles = ["--root-key", "root.key", "--publish-key", "publish.key.pub", "--review", "chief=chief.key.pub"]
    call([old, "-q", "trust", "init", *roles, "--now", "2026-01-01"], cwd=work)
    return work


def row(what, binaries, work, args, *written):
    """Runs each binary in turns; before each run the folders that it writes are as they were."""
    kept = {name: work / f"kept-{pathlib.Path(name).name}" for name in written if (work / name).exists()}
    for name, copy in kept.items():
        shutil.copytree(work / name, copy)
    runs = {name: [] for name in binaries}
    for _ in range(RUNS):
        for name, binary in binaries.items():
            for folder in written:
                shutil.rmtree(work / folder, ignore_errors=True)
                if folder in kept:
                    shutil.copytree(kept[folder], work / folder)
            runs[name].append(Timed([binary, "-q", *args], work))
    median = lambda name, part: statistics.median(getattr(run, part) for run in runs[name])
    print(f"| {what} | " + " | ".join(f"{median(name, 'wall'):.2f}, {median(name, 'cpu'):.2f}" for name in binaries) + " |", flush=True)
