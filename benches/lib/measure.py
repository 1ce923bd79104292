"""Measuring: processes timed alternately, medians, peak memory, one table. Independent of what is measured."""

import contextlib
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUNS = int(os.environ.get("RUNS", "5"))
SEED = int(os.environ.get("SEED", "42"))
FULL = os.environ.get("FULL") == "1"
BINARY = ROOT / "target/dist/bangtin"
# tmpfs: repeated cold builds on a disk get slower with each run, for every tool.
SCRATCH = "/dev/shm"


def call(args, **more):
    """Runs a process to its end; if it fails, ends the whole run with its output."""
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, **more)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, args))}: {done.stdout}{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def scratch(name):
    """A folder in memory to measure in. From then on no variable of this machine changes what the tools say or do, as in the tests; installing and
    building, which may need some, comes before."""
    for line in (ROOT / "tests/harness/environment").read_text(encoding="utf-8").splitlines():
        verb, *words = line.split() or [""]
        for word in words:
            start = re.fullmatch(r"\$\{!(.*)@\}", word)
            if verb == "export":
                os.environ.update([word.split("=")])
            elif verb == "unset":
                for variable in [each for each in os.environ if each.startswith(start.group(1))] if start else [word]:
                    os.environ.pop(variable, None)
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix=f"bangtin-{name}-") as folder:
        yield pathlib.Path(folder)


class Failed(Exception):
    """A command failed."""


class Clocked:
    """Wall seconds of one command, without a wrapper, whose start would cost a millisecond, a tenth of a small build."""

    def __init__(self, args, cwd=None, env=None):
        start = time.perf_counter()
        done = subprocess.run([*map(str, args)], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.wall = time.perf_counter() - start
        if done.returncode:
            raise Failed(f"{' '.join(map(str, args))}: {done.stderr.decode(errors='replace')}")


class Timed:
    """Wall seconds, CPU seconds and peak resident megabytes of one command.

    GNU time measures the memory: a child inherits its parent's peak, which is 1 MB for time and 100 MB for this program."""

    def __init__(self, args, cwd=None, env=None):
        with tempfile.NamedTemporaryFile("r", dir=SCRATCH) as seen:
            start = time.perf_counter()
            done = subprocess.run(
                ["/usr/bin/time", "-f", "%M %U %S", "-o", seen.name, *map(str, args)],
                cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            )
            self.wall = time.perf_counter() - start
            if done.returncode:
                raise Failed(f"{' '.join(map(str, args))}: {done.stderr.decode(errors='replace')}")
            kilobytes, user, system = seen.read().split()
        self.cpu, self.peak = float(user) + float(system), int(kilobytes) / 1024


class Contestant:
    """A command and the preparation before each run."""

    def __init__(self, name, args, cwd, before=lambda: None, env=None, most=RUNS):
        self.name, self.args, self.cwd, self.before, self.env, self.most = name, args, cwd, before, env, most
        self.runs, self.by = [], Timed

    def turn(self):
        self.before()
        self.runs.append(self.by(self.args, self.cwd, self.env))

    @property
    def ms(self):
        return statistics.median(run.wall for run in self.runs) * 1000

    @property
    def peak(self):
        return max(run.peak for run in self.runs)


def in_turns(contestants, runs=RUNS):
    """Runs every contestant once, then all again, so that a slow phase of the machine affects all of them."""
    for _ in range(runs):
        for each in contestants:
            if len(each.runs) < each.most:
                each.turn()
    return contestants


class Table:
    """Rows of one Markdown table, printed at once: ours, the best of the others, their ratio, the target, the rest."""

    def __init__(self):
        print("| what | bangtin | best other | ratio | aim | all others |\n| --- | ---: | ---: | ---: | --- | --- |", flush=True)

    def row(self, what, ours, others, aim="", form="{:,.0f}", note=""):
        """`others`: name → figure; None if it failed or is not available. Lower is better."""
        known = {name: value for name, value in others.items() if value is not None}
        best = min(known, key=known.get, default=None)
        shown = f"{form.format(known[best])} ({best})" if best else "–"
        ratio = as_ratio(ours / known[best]) if best and known[best] and ours is not None else ""
        rest = " · ".join(f"{name} {form.format(value) if value is not None else 'none'}" for name, value in others.items())
        mine = "–" if ours is None else form.format(ours)
        print(f"| {what} | {mine} | {shown} | {ratio} | {aim} | {rest}{' · ' if rest and note else ''}{note} |", flush=True)

    def fact(self, what, value, aim="", note=""):
        print(f"| {what} | {value} | – |  | {aim} | {note} |", flush=True)


def as_ratio(value):
    """Two digits; four where rounding would hide the side of 1 or of a tenth."""
    return f"{value:.4f}" if 0.99 < value < 1.01 or 0.095 < value < 0.105 else f"{value:.2f}"


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return f"{platform.platform()}, {os.cpu_count()} cores, {cpu.group(1) if cpu else '?'}, {int(memory.group(1)) / 2**20:.0f} GB"
