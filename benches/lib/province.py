"""A large province: 10,000 slides, 60 sites, 12 months; time and memory of every step from the content to the store."""

import os
import subprocess
import time
import urllib.request

from . import slides
from .measure import BINARY, ROOT, SEED, Timed, call
from .servers import free_port

SLIDES, SITES, MONTHS = 10_000, 60, [f"2026-{month:02}" for month in range(1, 13)]


def run(work):
    if os.environ.get("CONTENT") == "0":
        return
    changed = slides.bangtin(work, ROOT / "themes", SLIDES, SEED, SITES, MONTHS)
    os.environ["XDG_CACHE_HOME"] = str(work / "cache")
    print(f"{SLIDES:,} slides, {SITES} sites, {len(MONTHS)} months: {-(-SLIDES // len(MONTHS))} slides a month, all of them at every site\n")
    print("| step | s | peak MB |\n| --- | ---: | ---: |", flush=True)
    bangtin = lambda *args: [BINARY, "-q", *args]
    month = MONTHS[-1]
    step("check", bangtin("check"), work)
    step("build one month, all sites, cold", bangtin("build", "--month", month, "--out", "out"), work)
    with open(changed.parents[1] / f"t12/{last_of(changed.parents[1] / 't12')}", "a", encoding="utf-8") as file:
        file.write("\nThêm một câu.\n")
    step("build it again, one slide changed", bangtin("build", "--month", month, "--out", "out"), work)
    row("preview, until its first page", *preview(work))
    for name in ("root", "publish", "chief"):
        call(bangtin("keys", "new", f"{name}.key", "--no-password"), cwd=work)
    call(bangtin("trust", "init", "--root-key", "root.key", "--publish-key", "publish.key.pub", "--review", "chief=chief.key.pub"), cwd=work)
    decision = ["--key", "chief.key", "--document", "1/QĐ, 2026-11-20", "--unseen", "--yes"]
    call(bangtin("approve", "--evergreen", *decision), cwd=work)
    step("approve one month, all sites", bangtin("approve", "--month", month, *decision), work)
    step("publish it, all sites, with packs", bangtin("publish", "--to", "store", "--month", month, "--key", "publish.key"), work)
    step("publish again, nothing new", bangtin("publish", "--to", "store", "--month", month, "--key", "publish.key"), work)
    size = sum(path.stat().st_size for path in (work / "store").rglob("*") if path.is_file())
    print(f"\nStore: {size / 1e6:,.1f} MB in {sum(path.is_file() for path in (work / 'store').rglob('*')):,} files.")


def last_of(folder):
    return max(os.listdir(folder))


def step(name, args, work):
    done = Timed(args, work)
    row(name, done.wall, done.peak)


def row(name, seconds, peak):
    print(f"| {name} | {seconds:.2f} | {peak:,.0f} |", flush=True)


def preview(work):
    """Seconds until the preview serves its page, and its peak memory then."""
    address = f"127.0.0.1:{free_port()}"
    start = time.perf_counter()
    running = subprocess.Popen([BINARY, "-q", "preview", "--listen", address], cwd=work)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://{address}/", timeout=60).read()
                break
            except OSError:
                if running.poll() is not None:
                    raise SystemExit("the preview ended")
                time.sleep(0.005)
        seconds = time.perf_counter() - start
        status = open(f"/proc/{running.pid}/status", encoding="ascii").read()
        return seconds, int(status.split("VmHWM:")[1].split()[0]) / 1024
    finally:
        running.terminate()
        running.wait()
