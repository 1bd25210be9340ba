"""What a CGI request costs: processor time of the server, its scripts included."""

import os
import pwd
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from . import machine
from .build import ROOT, cargo
from .measure import free_port, prepared
from .tables import markdown, show

C = """
#include <unistd.h>

int main(void)
{
    static const char answer[] = "Content-Type: text/plain\\r\\n\\r\\nHello, World!\\n";
    return write(1, answer, sizeof answer - 1) < 0;
}
"""
SHELL = "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\nHello, World!\\n'\n"
BODY = b"\r\n\r\nHello, World!\n"

SCRIPTS = {"c": "a program in C that writes one line, statically linked", "shell": "the same in /bin/sh"}


class Account:
    """A group of processes whose time the kernel adds up, those that are gone included. busybox does not wait for its
    scripts, so that their time is in no clock of its own."""

    ROOTS = [
        ("/sys/fs/cgroup/cpuacct", "cpuacct.usage"),
        ("/sys/fs/cgroup", "cpu.stat"),
        ("/sys/fs/cgroup/unified", "cpu.stat"),
    ]

    def __init__(self):
        for root, clock in self.ROOTS:
            folder = os.path.join(root, f"doget-bench-{os.getpid()}")
            try:
                os.mkdir(folder)
            except OSError:
                continue
            if os.path.exists(os.path.join(folder, clock)):
                self.folder, self.clock = folder, os.path.join(folder, clock)
                return
            os.rmdir(folder)
        sys.exit("needs root, and control groups with a clock (cpuacct, or version 2)")

    def enter(self):
        with open(os.path.join(self.folder, "cgroup.procs"), "w") as file:
            file.write("0")

    def seconds(self):
        with open(self.clock) as file:
            text = file.read()
        if text.startswith("usage_usec"):
            return int(text.split()[1]) / 1e6
        return int(text) / 1e9

    def close(self):
        for _ in range(100):
            try:
                return os.rmdir(self.folder)
            except OSError:
                time.sleep(0.02)


def ask(port, name):
    """One request on a connection of its own, as CGI servers of old have it."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(f"GET /cgi-bin/{name} HTTP/1.0\r\n\r\n".encode())
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    return answer.endswith(BODY)


def several(port, name, count, connections):
    good = [0] * connections

    def work(place):
        for _ in range(count // connections):
            good[place] += ask(port, name)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(good)


def once(words, user, folder, name, connections, count, cores):
    port = free_port()
    account = Account()
    words = [word.format(port=port, folder=folder) for word in words]
    prepare = prepared(cores.server)

    def begin():
        account.enter()
        prepare()
        if user:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)

    nothing = subprocess.DEVNULL
    process = subprocess.Popen(words, cwd=folder, stdin=nothing, stdout=nothing, stderr=nothing, preexec_fn=begin)
    try:
        for turn in range(500):
            try:
                if ask(port, name):
                    break
            except OSError:
                pass
            time.sleep(0.01)
        else:
            return None
        several(port, name, count // 4, connections)
        before, start = account.seconds(), time.perf_counter()
        good = several(port, name, count, connections)
        seconds = time.perf_counter() - start
        # The last script may be on its way out.
        time.sleep(0.05)
        spent = account.seconds() - before
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        account.close()
    if good < count // connections * connections:
        print(f"  {words[0]}: {good} good answers of {count}", file=sys.stderr)
        return None
    return {"cpu_us": spent / good * 1e6, "rate": good / seconds}


def table(rounds, quick):
    if os.geteuid() != 0:
        sys.exit("needs root: it counts the time of processes, and becomes nobody")
    busybox = shutil.which("busybox")
    python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
    built = cargo(["build", "--release", "--package", "doget", "--features", "cli", "--bin", "doget"], ROOT)
    nobody = pwd.getpwnam("nobody")
    cores = machine.Cores(1)
    # Many short rounds: what disturbs this machine for a second then hits all servers.
    count, rounds = (40, 1) if quick else (250, rounds * 5)
    with tempfile.TemporaryDirectory(prefix="doget-bench-") as folder:
        os.chmod(folder, 0o755)
        scripts = os.path.join(folder, "cgi-bin")
        os.mkdir(scripts)
        source = os.path.join(folder, "c.c")
        with open(source, "w") as file:
            file.write(C)
        subprocess.run(["cc", "-O2", "-static", "-o", os.path.join(scripts, "c"), source], check=True)
        with open(os.path.join(scripts, "shell"), "w") as file:
            file.write(SHELL)
        for name in SCRIPTS:
            os.chmod(os.path.join(scripts, name), 0o755)
        # Where nobody may run it.
        program = os.path.join(folder, "doget")
        shutil.copy(built["doget"], program)
        doget = [program, "{port}", "-b", "127.0.0.1", "--cgi", "-q"]
        servers = {"doget": (doget, nobody), "doget, started by root": (doget, None)}
        if busybox:
            httpd = [busybox, "httpd", "-f", "-p", "127.0.0.1:{port}", "-h", "{folder}"]
            servers |= {"busybox httpd": (httpd, nobody), "busybox httpd, started by root": (httpd, None)}
        imports = [python, "-W", "ignore", "-c", "from http.server import CGIHTTPRequestHandler"]
        has = subprocess.run(imports, stderr=subprocess.DEVNULL)
        if has.returncode == 0:
            words = [python, "-W", "ignore", "-m", "http.server", "{port}", "--bind", "127.0.0.1", "--cgi"]
            servers |= {"python": (words, nobody)}
        parts = []
        load = machine.load_average()
        for name, what in SCRIPTS.items():
            for connections in (1, 4):
                runs = {server: [] for server in servers}
                for turn in range(rounds):
                    print(f"cgi {name}, {connections}: round {turn + 1} of {rounds}", file=sys.stderr, flush=True)
                    for server, (words, user) in servers.items():
                        runs[server].append(once(words, user, folder, name, connections, count, cores))
                parts += [section(name, what, connections, runs)]
        about = machine.describe() + [
            f"{rounds} round{'s' * (rounds > 1)} of {count} requests, medians; {cores.words}; "
            f"load average before: {load}",
            f"versions: {machine.output(program, '--version')}, {version(busybox)}, "
            f"{machine.output(python, '--version')}",
        ]
    return "\n\n".join(["\n".join("- " + line for line in about)] + parts)


def version(busybox):
    return (machine.output(busybox) or "busybox").split("(")[0].strip() if busybox else "no busybox here"


def section(name, what, connections, runs):
    base = None
    rows = []
    good = {server: [run for run in got if run] for server, got in runs.items()}
    if good.get("busybox httpd"):
        base = statistics.median(run["cpu_us"] for run in good["busybox httpd"])
    for server, got in good.items():
        if not got:
            rows.append([server, "not measured", "-", "-"])
            continue
        cpu = statistics.median(run["cpu_us"] for run in got)
        rate = statistics.median(run["rate"] for run in got)
        rows.append([server, show(cpu), show(rate), f"{cpu / base:.2f}" if base else "-"])
    head = ["server", "CPU us/request", "requests/s", "CPU / busybox"]
    words = f"### {name}: {what}, {connections} client{'s' * (connections > 1)}"
    return "\n".join([words, "", *markdown(head, rows)])
