"""A slow connection: a network namespace whose only way out is a pair of TUN devices. This process forwards packets between them with delay
and limited rate. It forwards whole IP packets, so that the delay affects TCP's handshake, slow start and window.

In user space, because not every kernel has netem."""

import collections
import fcntl
import os
import select
import struct
import subprocess
import threading
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
HERE, THERE = "10.98.0.1", "10.98.0.2"


class Link:
    """`rate`: bits per second in each direction; `rtt`: round-trip time in seconds. Queue: half a second of traffic, at least 64 KB."""

    def __init__(self, rate, rtt):
        self.delay, self.rate, self.room = rtt / 2, rate / 8, max(rate / 16, 65536)
        self.space = f"bangtin-{os.getpid()}"
        self.near, self.far = tun("btbench0"), tun("btbench1")
        inside = ["ip", "netns", "exec", self.space]
        for command in (
            ["ip", "netns", "add", self.space],
            ["ip", "link", "set", "btbench1", "netns", self.space],
            ["ip", "addr", "add", f"{HERE}/30", "dev", "btbench0"],
            ["ip", "link", "set", "btbench0", "up"],
            [*inside, "ip", "addr", "add", f"{THERE}/30", "dev", "btbench1"],
            [*inside, "ip", "link", "set", "lo", "up"],
            [*inside, "ip", "link", "set", "btbench1", "up"],
        ):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        self.inside = inside
        self.ended = False
        self.threads = [threading.Thread(target=self.carry, args=pair) for pair in ((self.near, self.far), (self.far, self.near))]
        for thread in self.threads:
            thread.start()

    def carry(self, source, target):
        """One direction. A packet leaves when the line has sent all earlier ones, and arrives after the delay."""
        queue, waiting, free_at = collections.deque(), 0, 0.0
        while not self.ended:
            wait = min(max(queue[0][0] - time.monotonic(), 0), 0.1) if queue else 0.1
            if select.select([source], [], [], wait)[0]:
                try:
                    packet = os.read(source, 65536)
                except BlockingIOError:
                    packet = b""
                now = time.monotonic()
                backlog = max(free_at - now, 0) * self.rate
                if packet and backlog + len(packet) <= self.room:
                    free_at = max(free_at, now) + len(packet) / self.rate
                    queue.append((free_at + self.delay, packet))
            now = time.monotonic()
            while queue and queue[0][0] <= now:
                try:
                    os.write(target, queue.popleft()[1])
                except OSError:
                    pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended = True
        for thread in self.threads:
            thread.join()
        os.close(self.near)
        os.close(self.far)
        subprocess.run(["ip", "netns", "del", self.space], capture_output=True)


def tun(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def possible():
    return os.geteuid() == 0 and os.path.exists("/dev/net/tun")
