"""Starts servers and the load generator, and reads the clocks."""

import ctypes
import http.client
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

from . import machine
from .build import LOAD
from .scenarios import CONFIGS, ENTRIES, FILES, GIB, LOGGED

STARTS = 5


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


def answers(port):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        client.request("GET", "/plaintext")
        return client.getresponse().read() == b"Hello, World!"
    finally:
        client.close()


class Server:
    """A server of its own for one measurement."""

    def __init__(self, name, program, words, cores, root=None):
        self.folder = tempfile.TemporaryDirectory(prefix="doget-bench-")
        self.port = free_port()
        self.errors = tempfile.TemporaryFile()
        log = os.path.join(self.folder.name, "access.log")
        config = os.path.join(self.folder.name, "config")
        if name in CONFIGS:
            text, more = CONFIGS[name]
            with open(config, "w") as file:
                file.write(text.format(port=self.port, root=root, folder=self.folder.name, more=more))
        words = program + [word.format(port=self.port, log=log, root=root, config=config) for word in words]
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
        while time.perf_counter() - start < 10:
            try:
                if answers(self.port):
                    return (time.perf_counter() - start) * 1e3
                raise Failed("another answer than expected")
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None:
                    self.errors.seek(0)
                    raise Failed(f"it ended: {self.errors.read()[-200:].decode(errors='replace').strip()}")
                time.sleep(0.0002)
        raise Failed("no answer within 10 s")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
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


def load(server, program, scenario, cores, options):
    words = program + [str(server.port)] + scenario.load + ["--seconds", str(options.seconds)]
    if scenario.kind == "idle":
        words += ["--idle", str(options.idle)]
    before_kib = machine.memory_kib(server.pid, "VmRSS")
    pipe = subprocess.PIPE
    client = subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True, preexec_fn=prepared(cores.client))
    try:
        result = json.loads(line(client, 60).removeprefix("ready "))
        crowded_kib = machine.memory_kib(server.pid, "VmRSS")
        before = machine.cpu_seconds(server.pid)
        client.stdin.write("go\n")
        client.stdin.flush()
        result.update(json.loads(line(client, options.seconds + 30)))
        spent = machine.cpu_seconds(server.pid) - before
        peak = machine.memory_kib(server.pid, "VmHWM")
    except OSError as error:
        raise Failed(f"it ended under load: {error}") from error
    finally:
        client.kill()
        client.communicate()
    if not result["requests"]:
        raise Failed(f"no good answer, {result['errors']} errors")
    if scenario.size:
        result["cpu_per_gib"] = spent / (result["requests"] * scenario.size / GIB)
        result["gib_per_s"] = result["requests"] * scenario.size / GIB / result["seconds"]
    result["rate"] = result["requests"] / result["seconds"]
    result["cpu_us"] = spent / result["requests"] * 1e6
    result["peak_kib"] = peak
    if result["held"]:
        result["kib_per_idle"] = (crowded_kib - before_kib) / result["held"]
    return result


def starts(name, program, words, cores):
    times = []
    for _ in range(STARTS):
        server = Server(name, program, words, cores.server)
        times.append(server.start_ms)
        peak = machine.memory_kib(server.pid, "VmHWM")
        spent = machine.cpu_seconds(server.pid)
        server.stop()
    return {"start_ms": sorted(times)[STARTS // 2], "start_cpu_ms": spent * 1e3, "peak_kib": peak, "errors": 0}


def once(programs, name, words, scenario, cores, options, root):
    program = programs[name]
    if scenario.kind == "start":
        return starts(name, program, words, cores)
    server = Server(name, program, words, cores.server, root)
    try:
        return load(server, programs[LOAD], scenario, cores, options)
    finally:
        server.stop()


def contenders(suite, scenario, servers, cores):
    """Rows of a table: the name of the row, the server, its arguments, its cores."""
    rows = []
    for name in servers:
        words = suite.servers[name]
        if suite.cores:
            rows += [(f"{name}, {count} core{'s' * (count > 1)}", name, words, machine.Cores(count)) for count in suite.cores]
        elif scenario.kind != "log":
            rows += [(name, name, words, cores)] if name not in scenario.without else []
        elif name in LOGGED:
            rows += [(name, name, words, cores), (name + " + log", name, LOGGED[name], cores)]
    return rows


def fill(root):
    """Makes the files that are served."""
    with open(os.path.join(root, "plaintext"), "w") as file:
        file.write("Hello, World!")
    for name, size in FILES.items():
        with open(os.path.join(root, name), "wb") as file:
            piece = os.urandom(min(size, 1 << 20))
            for _ in range(size // len(piece)):
                file.write(piece)
    many = os.path.join(root, "many")
    os.mkdir(many)
    for number in range(ENTRIES):
        with open(os.path.join(many, f"file-{number:05}.txt"), "w") as file:
            file.write("x" * (number % 1000))


def rounds(suite, programs, servers, scenarios, cores, options):
    """All figures: scenario, row, rounds. One round has all servers, so that what disturbs one round disturbs all."""
    with tempfile.TemporaryDirectory(prefix="doget-bench-root-") as root:
        if suite.files:
            fill(root)
        return rounds_with(suite, programs, servers, scenarios, cores, options, root)


def rounds_with(suite, programs, servers, scenarios, cores, options, root):
    results = {"load": machine.load_average(), "scenarios": {}}
    for key in scenarios:
        scenario = suite.scenarios[key]
        taking_part = [name for name in servers if scenario.only is None or name in scenario.only]
        rows = contenders(suite, scenario, taking_part, cores)
        got = {row: {"runs": [], "failed": None} for row, *_ in rows}
        got.update({name: {"runs": [], "failed": why} for name, why in scenario.without.items() if name in servers})
        results["scenarios"][key] = got
        for turn in range(options.rounds):
            print(f"{key}: round {turn + 1} of {options.rounds}", file=sys.stderr, flush=True)
            for row, name, words, on in rows:
                if got[row]["failed"]:
                    continue
                try:
                    got[row]["runs"].append(once(programs, name, words, scenario, on, options, root))
                except Failed as failed:
                    got[row]["failed"] = str(failed)
                    print(f"  {row}: {failed}", file=sys.stderr, flush=True)
    return results
