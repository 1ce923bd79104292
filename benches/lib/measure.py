"""Measuring: processes timed in turns, medians, memory of the greatest moment, one table. Never knows what it measures."""

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
# tmpfs: repeated cold builds on a disk get slower run by run, for every tool.
SCRATCH = "/dev/shm"


def call(args, **more):
    """Runs to the end; ends the whole run with what the process said if it failed."""
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, **more)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, args))}: {done.stdout}{done.stderr}")
    return done.stdout


class Failed(Exception):
    """A command said no."""


class Clocked:
    """Wall seconds of one command, and nothing else between: what starts and watches it costs a millisecond, a tenth of a small build."""

    def __init__(self, args, cwd=None, env=None):
        start = time.perf_counter()
        done = subprocess.run([*map(str, args)], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.wall = time.perf_counter() - start
        if done.returncode:
            raise Failed(f"{' '.join(map(str, args))}: {done.stderr.decode(errors='replace')}")


class Timed:
    """Wall seconds, CPU seconds and peak resident megabytes of one command.

    The memory is what GNU time saw: a child begins with its parent's peak, and time's is a megabyte, this program's a hundred."""

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
    """A command, and what has to be done before each of its runs."""

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
    """Every contestant once, then all again: what slows the machine down for a while slows all of them."""
    for _ in range(runs):
        for each in contestants:
            if len(each.runs) < each.most:
                each.turn()
    return contestants


class Table:
    """Rows of one Markdown table, printed as they come: ours, the best of the others, the ratio of the two, what is aimed at, the rest."""

    def __init__(self):
        print("| what | bangtin | best other | ratio | aim | all others |\n| --- | ---: | ---: | ---: | --- | --- |", flush=True)

    def row(self, what, ours, others, aim="", form="{:,.0f}", note=""):
        """`others`: name → figure; None if it failed or can't be had. Lower is better."""
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
    """Two digits, and four where two would hide on which side of 1, or of a tenth, it lies."""
    return f"{value:.4f}" if 0.99 < value < 1.01 or 0.095 < value < 0.105 else f"{value:.2f}"


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return f"{platform.platform()}, {os.cpu_count()} cores, {cpu.group(1) if cpu else '?'}, {int(memory.group(1)) / 2**20:.0f} GB"
