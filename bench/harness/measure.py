"""Starts servers and the load generator, and reads the clocks."""

import ctypes
import http.client
import json
import os
import resource
import select
import signal
import socket
import ssl
import subprocess
import tempfile
import time

from . import machine

STARTS = 5
GIB = 1 << 30


class Failed(Exception):
    """A server cannot be measured; the text says why."""


def prepared(cores):
    """What a child does before it becomes another program."""
    libc = ctypes.CDLL(None)

    def prepare():
        os.sched_setaffinity(0, cores)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: it does not outlive the harness

    return prepare


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port, tls):
    if tls:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        client = http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=trusting)
    else:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        client.request("GET", "/plaintext")
        return client.getresponse().read() == b"Hello, World!"
    finally:
        client.close()


class Server:
    """A server of its own for one measurement."""

    def __init__(self, program, words, cores, root=None, tls=False, config=None, limit=10):
        self.folder = tempfile.TemporaryDirectory(prefix="doget-bench-")
        self.port = free_port()
        self.tls, self.limit = tls, limit
        self.errors = tempfile.TemporaryFile()
        places = {"port": self.port, "root": root, "folder": self.folder.name}
        log, path = (os.path.join(self.folder.name, name) for name in ("access.log", "config"))
        if config:
            text, more = config
            with open(path, "w") as file:
                file.write(text.format(more=more, **places))
        words = program + [word.format(log=log, config=path, **places) for word in words]
        start = time.perf_counter()
        self.process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors, preexec_fn=prepared(cores)
        )
        self.pid = self.process.pid
        try:
            self.start_ms = self.wait(start)
        except BaseException:
            self.stop()
            raise

    def wait(self, start):
        while time.perf_counter() - start < self.limit:
            try:
                if answers(self.port, self.tls):
                    return (time.perf_counter() - start) * 1e3
                raise Failed("another answer than expected")
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None:
                    raise Failed(f"it ended: {self.said()[-200:].strip()}")
                time.sleep(0.0002)
        raise Failed(f"no answer within {self.limit} s")

    def said(self):
        """What it wrote to its standard error."""
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(min(self.limit, 30))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def stop(self):
        self.end()
        self.errors.close()
        self.folder.cleanup()


def line(process, limit):
    """The next line of a process, or the reason that there is none."""
    ready, _, _ = select.select([process.stdout], [], [], limit)
    text = process.stdout.readline() if ready else ""
    if not text:
        process.kill()
        raise Failed(process.stderr.read().strip()[-200:] or f"no result within {limit:.0f} s")
    return text


def driven(server, program, words, cores, limit):
    """What the load generator says, and the server's clock and memory: figures, seconds of CPU, KiB that the crowd
    takes."""
    words = program + [str(server.port), *words, *cores.load_words()]
    before_kib = machine.memory_kib(server.pid, "VmRSS")
    pipe = subprocess.PIPE
    client = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True, preexec_fn=prepared(cores.client))
    try:
        result = json.loads(line(client, 90).removeprefix("ready "))
        crowded_kib = machine.memory_kib(server.pid, "VmRSS")
        before = machine.cpu_seconds(server.pid)
        client.stdin.write("go\n")
        client.stdin.flush()
        result.update(json.loads(line(client, limit)))
        spent = machine.cpu_seconds(server.pid) - before
        result["peak_kib"] = machine.memory_kib(server.pid, "VmHWM")
    except OSError as error:
        raise Failed(f"it ended under load: {error}") from error
    finally:
        client.kill()
        client.communicate()
    if not result["requests"]:
        raise Failed(f"no good answer, {result['errors']} errors")
    return result, spent, crowded_kib - before_kib


def load(server, program, scenario, cores, options, rate=None):
    words = scenario.load + ["--seconds", str(options.seconds)]
    if scenario.kind == "idle":
        words += ["--idle", str(options.idle)]
    if rate:
        words += ["--rate", f"{rate:.0f}"] + ["--spin"] * cores.apart
    result, spent, crowd_kib = driven(server, program, words, cores, options.seconds + 30)
    if scenario.size:
        result["cpu_per_gib"] = spent / (result["requests"] * scenario.size / GIB)
        result["gib_per_s"] = result["requests"] * scenario.size / GIB / result["seconds"]
    result["rate"] = result["requests"] / result["seconds"]
    result["cpu_us"] = spent / result["requests"] * 1e6
    result["offered"] = rate
    # Those that the server closed meanwhile take nothing any more.
    if held := result["held"] - result["idle_closed"]:
        result["kib_per_idle"] = crowd_kib / held
    return result


def starts(program, words, cores):
    times = []
    for _ in range(STARTS):
        server = Server(program, words, cores.server)
        times.append(server.start_ms)
        peak = machine.memory_kib(server.pid, "VmHWM")
        spent = machine.cpu_seconds(server.pid)
        server.stop()
    return {"start_ms": sorted(times)[STARTS // 2], "start_cpu_ms": spent * 1e3, "peak_kib": peak, "errors": 0}
