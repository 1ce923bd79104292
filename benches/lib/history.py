"""The years of an office: `approve` with few and with many filed months, `publish` of several sites and months, of the sample's slides too,
packs of a province.
Compares binaries in turns, with the processor time of each, because an office's machine has other work too."""

import pathlib
import shutil
import statistics

from . import slides
from .measure import RUNS, SEED, Timed, call

FILED, MONTH = 120, "2036-12"
SAMPLE_SITES = 10
UNSEEN = ["--unseen", "--yes"]
DECISION = ["--key", "chief.key", *UNSEEN]


def run(work, binaries, trees):
    """One table; each binary works on a folder of its own, made by it with the theme and the sample of its tree."""
    print("| what | " + " | ".join(f"{name}: wall s, CPU s" for name in binaries) + " |\n| --- |" + " ---: |" * len(binaries), flush=True)
    each = lambda make: {name: make(work / name, binary, trees[name]) for name, binary in binaries.items()}
    years = [f"{2026 + number // 12}-{number % 12 + 1:02}" for number in range(FILED)]
    few = each(lambda folder, *of: office(folder / "few", *of, 20 * (FILED + 1), 1, [*years, MONTH]))
    many = each(lambda folder, binary, _: filed(folder, binary, years))
    approve = ["approve", "--month", MONTH, *DECISION]
    none = row("approve a month of 20 slides, nothing filed", binaries, few, approve, "content/approvals")
    all_years = row(f"the same, {FILED} months filed", binaries, many, approve, "content/approvals")
    print(f"| wall with {FILED} months filed to none, aim 1.0 | " + " | ".join(f"{all_years[name] / none[name]:.2f}" for name in binaries) + " |", flush=True)
    months = ["2036-10", "2036-11", "2036-12"]
    publication(binaries, each(lambda folder, *of: office(folder / "ten", *of, 3 * 60, 10, months)), months, "publish 10 sites, 3 months of 60 slides")
    months = ["2026-12", "2027-01", "2027-02"]
    what = f"publish {SAMPLE_SITES} sites, 3 months of the sample's slides, pictures and films"
    publication(binaries, each(lambda folder, *of: sample_office(folder / "sample", *of, months)), months, what, "2026-11-01", SAMPLE_REVIEWERS)
    months = ["2036-12"]
    publication(binaries, each(lambda folder, *of: office(folder / "province", *of, 833, 60, months)), months, "publish 60 sites, a month of 833 slides")


def filed(folder, binary, years):
    """The office of `few` with all its years approved."""
    shutil.copytree(folder / "few", folder / "many")
    for month in years:
        call([binary, "-q", "approve", "--month", month, *DECISION, "--now", "2026-01-01"], cwd=folder / "many")
    return folder / "many"


def publication(binaries, works, months, what, now="2036-09-01", reviewers=(("chief", "chief"),)):
    for name, binary in binaries.items():
        for period in [["--evergreen"], *(["--month", month] for month in months)]:
            for _, holder in reviewers:
                call([binary, "-q", "approve", *period, "--key", f"{holder}.key", *UNSEEN, "--now", now], cwd=works[name])
    row(what, binaries, works, ["publish", "--to", "store", "--key", "publish.key", "--now", now], "store", "archive")


def office(work, binary, tree, count, sites, months):
    """A content folder with its keys and first root."""
    slides.bangtin(work, tree / "themes", count, SEED, sites, months)
    return with_keys(work, binary, [("chief", "chief")])


# Role and holder, as the sample's settings ask for them; a reviewer of one site signs what is of that site.
SAMPLE_REVIEWERS = (("chief", "chief-1"), ("chief", "chief-2"), ("trung-khanh", "trung-khanh"), ("ta-lung", "ta-lung"))


def sample_office(work, binary, tree, months):
    """The sample content with further sites like its two, and a third month like its second."""
    for name in ("content", "themes"):
        shutil.copytree(tree / name, work / name)
    sites, playlists = work / "content/sites", work / "content/playlists"
    settings = work / "content/bangtin.yaml"
    for at, like in enumerate(("ta-lung", "trung-khanh")):
        copies = [f"cum-{number:02}" for number in range(2 + at, SAMPLE_SITES, 2)]
        for name in copies:
            shutil.copy(sites / f"{like}.yaml", sites / f"{name}.yaml")
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace(f"sites: [{like}]", f"sites: [{', '.join([like, *copies])}]"), encoding="utf-8")
    for path in (playlists / months[1]).iterdir():
        text = path.read_text(encoding="utf-8")
        for key in ("from", "until"):
            text = text.replace(f"{key}: {months[1]}-31", f"{key}: {months[2]}-28").replace(f"{key}: {months[1]}", f"{key}: {months[2]}")
        slides.write(playlists / months[2] / path.name, text)
    return with_keys(work, binary, [*SAMPLE_REVIEWERS, ("duty", "duty")])


def with_keys(work, binary, reviewers):
    for name in ("root", "publish", *(holder for _, holder in reviewers)):
        call([binary, "-q", "keys", "new", f"{name}.key", "--no-password"], cwd=work)
    roles = [part for role, holder in reviewers for part in ("--review", f"{role}={holder}.key.pub")]
    call([binary, "-q", "trust", "init", "--root-key", "root.key", "--publish-key", "publish.key.pub", *roles, "--now", "2026-01-01"], cwd=work)
    return work


def row(what, binaries, works, args, *written):
    """Runs each binary in turns; before each run the folders that it writes are as they were. Returns the wall time of each."""
    kept = {work / name: work / f"kept-{pathlib.Path(name).name}" for work in works.values() for name in written}
    for folder, copy in kept.items():
        if folder.exists():
            shutil.copytree(folder, copy)
    runs = {name: [] for name in binaries}
    for _ in range(RUNS):
        for name, binary in binaries.items():
            for folder in (works[name] / part for part in written):
                shutil.rmtree(folder, ignore_errors=True)
                if kept[folder].exists():
                    shutil.copytree(kept[folder], folder)
            runs[name].append(Timed([binary, "-q", *args], works[name]))
    median = lambda name, part: statistics.median(getattr(run, part) for run in runs[name])
    print(f"| {what} | " + " | ".join(f"{median(name, 'wall'):.2f}, {median(name, 'cpu'):.2f}" for name in binaries) + " |", flush=True)
    return {name: median(name, "wall") for name in binaries}
