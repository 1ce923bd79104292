"""Our side of an update: folders published by the library, pulled by the player's binary as installed at a site."""

import filecmp
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from .measure import ROOT, call

STORE_OF_TREE = ROOT / "target/dist/examples/store_of_tree"
PLAYER = ROOT / "target/player-alone/player/bangtin-player"


def build():
    call(["cargo", "build", "--profile", "dist", "--example", "store_of_tree"], cwd=ROOT)
    call(["cargo", "build", "--profile", "player", "--no-default-features", "--features", "player", "--bin", "bangtin-player",
          "--target-dir", "target/player-alone"], cwd=ROOT)


class Office:
    """The keys of one installation, in a folder."""

    def __init__(self, work):
        self.desk = pathlib.Path(work) / "desk"

    def publish(self, store, tree):
        """Publishes the folder as the store's next month."""
        return call([STORE_OF_TREE, self.desk, store, tree]).strip()

    def player(self, data):
        return Player(data, self.desk / "root/1.json")


class Player:
    """One player's folder."""

    def __init__(self, data, root):
        self.data, self.root = pathlib.Path(data), root

    def copy(self, data):
        """A copy of the player in another folder. Objects, which never change, are hard links; others are not, or what one writes another would hold."""
        shutil.copytree(self.data, data, copy_function=lambda old, new: os.link(old, new) if "/objects/" in old else shutil.copy2(old, new))
        return Player(data, self.root)

    def command(self, verb, address, **more):
        self.data.mkdir(parents=True, exist_ok=True)
        place = self.data / "player.json"
        place.unlink(missing_ok=True)
        settings = {"site": "do", "player": "p1", "store": [address], "data": ".", "root": str(self.root), "listen": "127.0.0.1:0", **more}
        place.write_text(json.dumps(settings))
        return [PLAYER, verb, "--config", place]

    def pull(self, address):
        return call(self.command("pull", address))

    def holds(self, tree):
        """Whether every file of a folder is among its objects, compared in full."""
        for path in pathlib.Path(tree).rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                held = self.data / "store/objects" / digest[:2] / digest
                if not held.is_file() or not filecmp.cmp(path, held, shallow=False):
                    return False
        return True

    def poll(self, address, server):
        """Requests and bytes of one cycle of a running player that is up to date."""
        health = self.data / "health.json"
        health.unlink(missing_ok=True)
        running = subprocess.Popen([str(a) for a in self.command("run", address, poll_seconds=86_400)], stdout=subprocess.PIPE)
        try:
            wait(lambda: health.is_file() and json.loads(health.read_text())["last_success"])
            server.lines()
            running.send_signal(signal.SIGHUP)
            found = []
            wait(lambda: found.extend(server.lines()) or found)
            found.extend(server.lines())
            return len(found), sum(bytes for bytes, _, _ in found)
        finally:
            running.terminate()
            running.wait()
            running.stdout.close()


def wait(done, seconds=30):
    for _ in range(seconds * 10):
        if done():
            return
        time.sleep(0.1)
    raise SystemExit("the player does not get on")
