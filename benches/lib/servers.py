"""Servers with counted traffic: nginx by its log, the rsync daemon behind a relay. Bytes are all bytes of the connection in both
directions, with HTTP headers, without TCP/IP headers."""

import pathlib
import selectors
import socket
import subprocess
import threading
import time

from .peers import need


def free_port():
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


def wait_for(port, process):
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit(f"{process.args[0]} ended: {process.stderr.read().decode() if process.stderr else ''}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"{process.args[0]} does not answer")


class Nginx:
    """Serves a folder. `count()` returns requests and bytes since the last call."""

    def __init__(self, folder, work, buffered=False):
        need("nginx")
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.home = pathlib.Path(work) / f"nginx-{self.port}"
        self.home.mkdir()
        self.log = self.home / "access.log"
        buffer = " buffer=256k" if buffered else ""
        (self.home / "nginx.conf").write_text(f"""user root; worker_processes 1; worker_rlimit_nofile 65536; pid {self.home}/pid; daemon off;
error_log {self.home}/error.log;
events {{ worker_connections 32768; }}
http {{
  log_format count '$request_length $bytes_sent $status $uri';
  access_log {self.log} count{buffer};
  types {{ text/html html; application/json json; }}
  default_type application/octet-stream;
  sendfile on; tcp_nopush on; keepalive_timeout 75; keepalive_requests 100000; gzip off;
  client_body_temp_path {self.home}/t1; proxy_temp_path {self.home}/t2; fastcgi_temp_path {self.home}/t3; uwsgi_temp_path {self.home}/t4;
  scgi_temp_path {self.home}/t5;
  server {{ listen {self.port} backlog=16384; root {self.folder}; }}
}}
""")
        command = ["/usr/sbin/nginx", "-c", self.home / "nginx.conf", "-p", self.home]
        self.process = subprocess.Popen([str(a) for a in command], stderr=subprocess.PIPE)
        wait_for(self.port, self.process)
        self.read = 0
        self.lines()

    def lines(self):
        """Log entries since the last call: (bytes, status, path)."""
        self.process.send_signal(10)  # USR1: flush and reopen the log.
        size = -1
        while size != (size := self.log.stat().st_size):
            time.sleep(0.2)
        with self.log.open("rb") as file:
            file.seek(self.read)
            text = file.read()
        self.read += len(text)
        found = []
        for line in text.decode().splitlines():
            asked, sent, status, path = line.split(" ", 3)
            # A line without a usable status is the probe of the open port.
            if int(asked):
                found.append((int(asked) + int(sent), int(status), path))
        return found

    def count(self):
        lines = self.lines()
        return len(lines), sum(bytes for bytes, _, _ in lines)

    def cpu(self):
        """CPU seconds of the workers so far."""
        ticks = 0
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in children:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / 100

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()


class Rsyncd:
    """The rsync daemon with one module, `tree`, behind a relay that counts."""

    def __init__(self, folder, work):
        need("rsync")
        inner = free_port()
        config = pathlib.Path(work) / f"rsyncd-{inner}.conf"
        config.write_text(f"use chroot = no\nport = {inner}\naddress = 127.0.0.1\n[tree]\npath = {folder}\nread only = yes\nuid = root\ngid = root\n")
        self.process = subprocess.Popen(["rsync", "--daemon", "--no-detach", f"--config={config}"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wait_for(inner, self.process)
        self.relay = Relay(inner)
        self.port = self.relay.port

    def count(self):
        return self.relay.count()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.relay.close()
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()


class Relay:
    """Forwards connections to a local port and counts connections and bytes."""

    def __init__(self, target):
        self.target, self.bytes, self.connections, self.open = target, 0, 0, 0
        self.listener = socket.create_server(("", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open += 1
            threading.Thread(target=self.pass_on, args=(client,), daemon=True).start()

    def pass_on(self, client):
        server = socket.create_connection(("127.0.0.1", self.target))
        with client, server, selectors.DefaultSelector() as both:
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            both.register(client, selectors.EVENT_READ, server)
            both.register(server, selectors.EVENT_READ, client)
            while both.get_map():
                for key, _ in both.select():
                    try:
                        data = key.fileobj.recv(1 << 16)
                        key.data.sendall(data)
                    except OSError:
                        data = b""
                    self.bytes += len(data)
                    if not data:
                        both.unregister(key.fileobj)
                        try:
                            key.data.shutdown(socket.SHUT_WR)
                        except OSError:
                            pass
        self.open -= 1

    def count(self):
        for _ in range(100):
            if not self.open:
                break
            time.sleep(0.02)
        found = self.connections, self.bytes
        self.connections = self.bytes = 0
        return found

    def close(self):
        self.listener.close()
