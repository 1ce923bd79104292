"""Updates of a tree of files: bytes and requests of each peer and of bangtin, then the time over slow connections.

Every peer starts from the old tree and must end with the new one, byte for byte. Peers that transfer single files get the
list of changed files for free; its cost is not counted.
"""

import filecmp
import os
import shutil
import statistics
import sys

from . import link, months, peers, player
from .measure import FULL, RUNS, SEED, Failed, Timed, call
from .servers import Nginx, Rsyncd

LINES = [("2 Mbit/s 200 ms", 2e6, 0.2), ("20 Mbit/s 50 ms", 20e6, 0.05)]
# Longest time of a peer on a connection, estimated from its bytes, unless FULL=1.
PATIENCE = 60
# Peers that take less, in seconds, get the usual number of runs: a lost packet distorts a single run.
BRIEF = 20
AIMS = {"a": "< 1,000 B", "b": "≤ 1.0", "c": "< 1.0, aim 0.6", "d": "< 1.0, aim 0.6", "e": "≤ 0.6 of rsync"}


class Case:
    """One update: where the trees are and which paths a peer of single files must fetch. `seed`: whether old files of these names exist."""

    def __init__(self, key, title, old, new, changed, aim=""):
        self.key, self.title, self.old, self.new, self.changed, self.aim = key, title, old, new, changed, aim
        self.seeded = bool(changed) and (old / changed[0]).is_file()


class Peer:
    """How a peer is served, and what its client runs in its folder: `old` is the old tree, it makes `next`."""

    serve, whole_tree = Nginx, False

    def takes(self, case):
        return bool(case.changed)

    def prepare(self, case, work):
        """Returns the served folder."""
        return case.new

    def verify(self, case, place):
        for path in case.changed:
            same(case.new / path, place / "next" / path)


class Rsync(Peer):
    name, serve, more = "rsync", Rsyncd, ""

    def takes(self, case):
        return True

    def script(self, case, host, port):
        return f"rsync -a{self.more} --no-whole-file --delete rsync://{host}:{port}/tree/ old/\n"

    def verify(self, case, place):
        same_trees(case.new, place / "old")


class RsyncZ(Rsync):
    name, more = "rsync -z", "z"


class Zsync(Peer):
    name = "zsync"

    def prepare(self, case, work):
        served = work / "zsync"
        shutil.copytree(case.new, served, copy_function=os.link)
        for path in case.changed:
            call(["zsyncmake", "-u", os.path.basename(path), "-o", served / f"{path}.zsync", served / path])
        return served

    def script(self, case, host, port):
        seed = "-i old/{0} " if case.seeded else ""
        return "".join(f"mkdir -p next/{os.path.dirname(path)}\nzsync -q {seed.format(path)}-o next/{path} http://{host}:{port}/{path}.zsync\n" for path in case.changed)


class Casync(Peer):
    name = "casync"

    def takes(self, case):
        return True

    def prepare(self, case, work):
        served = work / "casync"
        served.mkdir()
        call(["casync", "make", f"--store={served}/all.castr", served / "new.caidx", case.new])
        return served

    def script(self, case, host, port):
        return f"casync extract --store=http://{host}:{port}/all.castr --seed=old http://{host}:{port}/new.caidx next\n"

    def verify(self, case, place):
        same_trees(case.new, place / "next")


class Bita(Peer):
    name = "bita"

    def takes(self, case):
        return case.seeded and len(case.changed) < 100 and peers.bita()

    def prepare(self, case, work):
        served = work / "bita"
        for path in case.changed:
            (served / path).parent.mkdir(parents=True, exist_ok=True)
            call([peers.bita(), "compress", "-i", case.new / path, served / f"{path}.cba"])
        return served

    def script(self, case, host, port):
        return "".join(
            f"mkdir -p next/{os.path.dirname(path)}\n{peers.bita()} clone --seed old/{path} http://{host}:{port}/{path}.cba next/{path}\n"
            for path in case.changed
        )


class Whole(Peer):
    name = "whole files"

    def script(self, case, host, port):
        lines = "".join(f"url=http://{host}:{port}/{path}\noutput=next/{path}\n" for path in case.changed)
        return f"curl -sSf --create-dirs -K - <<'END'\n{lines}END\n"


class Bangtin:
    """Our contestant: a store with the old month, and a player that has pulled it."""

    name = "bangtin"

    def __init__(self, work, old):
        self.office, self.store, self.work = player.Office(work), work / "store", work
        self.office.publish(self.store, old)
        self.player = self.office.player(work / "player")
        with Nginx(self.store, work) as server:
            self.player.pull(f"http://127.0.0.1:{server.port}")

    def news(self, case, work):
        """A copy of the store with the new month; the original stays as is for the next case."""
        store = work / "bangtin"
        shutil.copytree(self.store, store, copy_function=os.link)
        if case.key != "a":
            self.office.publish(store, case.new)
        return store


def same(one, other):
    if not os.path.samefile(one, other) and not filecmp.cmp(one, other, shallow=False):
        raise SystemExit(f"{other} is not {one}")


def same_trees(one, other):
    names = [sorted(path.relative_to(tree) for path in tree.rglob("*") if path.is_file()) for tree in (one, other)]
    if names[0] != names[1]:
        raise SystemExit(f"{other} does not hold the files of {one}")
    for name in names[0]:
        same(one / name, other / name)


def client(case, place):
    place.mkdir()
    shutil.copytree(case.old, place / "old", copy_function=os.link)
    return place


def run_script(script, place, inside=()):
    return Timed([*inside, "sh", "-ec", script], cwd=place)


class Measured:
    """Result of one contestant in one case."""

    def __init__(self, bytes, requests, run, times=()):
        self.bytes, self.requests, self.run, self.times = bytes, requests, run, dict(times)


def on_lines(bytes, requests, once, lines):
    """Seconds, the median of some runs, on each connection that would not take too long. `once(host, inside)` runs it once."""
    for name, rate, rtt in lines:
        if FULL or bytes * 8 / rate + requests * rtt < PATIENCE:
            with link.Link(rate, rtt) as line:
                times = [once(link.HERE, line.inside).wall]
                more = RUNS - 1 if times[0] < BRIEF else 0
                times += [once(link.HERE, line.inside).wall for _ in range(more)]
                yield name, statistics.median(times)


def measure_peer(peer, case, work, lines):
    served = peer.prepare(case, work)
    with peer.serve(served, work) as server:

        def once(host="127.0.0.1", inside=()):
            place = client(case, work / "client")
            run = run_script(peer.script(case, host, server.port), place, inside)
            peer.verify(case, place)
            shutil.rmtree(place)
            return run

        server.count()
        try:
            run = once()
            requests, bytes = server.count()
            found = Measured(bytes, requests, run, on_lines(bytes, requests, once, lines))
        except Failed as failed:
            # A failed peer has no figure and the rest continues; a failure of bangtin ends the run.
            print(f"{peer.name}, {case.key}: {failed}", file=sys.stderr)
            shutil.rmtree(work / "client", ignore_errors=True)
            found = Measured(None, None, None)
    if served != case.new:
        shutil.rmtree(served)
    return found


def measure_bangtin(bangtin, case, work, lines):
    store = bangtin.news(case, work)
    with Nginx(store, work) as server:

        def once(host="127.0.0.1", inside=()):
            each = bangtin.player.copy(work / "client")
            run = Timed([*inside, *each.command("pull", f"http://{host}:{server.port}")])
            if not each.holds(case.new):
                raise SystemExit(f"{case.key}: the player does not hold the new month")
            shutil.rmtree(each.data)
            return run

        server.count()
        if case.key == "a":
            each = bangtin.player.copy(work / "client")
            requests, bytes = each.poll(f"http://127.0.0.1:{server.port}", server)
            shutil.rmtree(each.data)
            found = Measured(bytes, requests, None)
        else:
            run = once()
            requests, bytes = server.count()
            found = Measured(bytes, requests, run, on_lines(bytes, requests, once, lines))
    shutil.rmtree(store)
    return found


PEERS = [Rsync(), RsyncZ(), Zsync(), Casync(), Bita(), Whole()]


def measure_case(bangtin, case, work, field=None, lines=()):
    """name → its result; ours first."""
    found = {"bangtin": measure_bangtin(bangtin, case, work, lines)}
    for peer in field or PEERS:
        if peer.takes(case):
            found[peer.name] = measure_peer(peer, case, work, lines)
    return found


def others(found, figure):
    return {name: figure(each) if each.bytes is not None else None for name, each in found.items() if name != "bangtin"}


def rows(table, case, found, lines=()):
    requests = "requests: " + ", ".join(f"{name} {each.requests}" for name, each in found.items() if each.requests is not None)
    table.row(f"{case.key}: {case.title}, bytes", found["bangtin"].bytes, others(found, lambda each: each.bytes), case.aim, note=requests)
    for name, _, _ in lines:
        on_line = others({who: each for who, each in found.items() if name in each.times}, lambda each: each.times[name])
        if name in found["bangtin"].times and on_line:
            table.row(f"{case.key} over {name}, s", found["bangtin"].times[name], on_line, form="{:,.1f}")


def versions():
    player.build()
    peers.need("rsync", "zsync", "casync", "nginx", "curl", "iproute2")
    names = {"rsync": ["rsync"], "zsync": ["zsync", "-V"], "casync": ["casync"], "bita": [str(peers.bita())], "nginx": ["/usr/sbin/nginx", "-v"]}
    return ", ".join(f"{name} {peers.version(command[:1], *command[1:])}" for name, command in names.items())


def run(work, table):
    lines = LINES if link.possible() else []
    titles, changed = months.months(work, SEED)
    bangtin = Bangtin(work, work / "old")
    for key, title in titles.items():
        case = Case(key, title, work / "old", work / f"new_{key}", changed[key], AIMS[key])
        place = work / f"case-{key}"
        place.mkdir()
        rows(table, case, measure_case(bangtin, case, place, lines=lines), lines)
        shutil.rmtree(place)
        shutil.rmtree(case.new)
