"""This machine: its processors and clocks, and what a process has used of it."""

import os
import platform
import re
import socket
import subprocess
import sys
import time


class Cores:
    """Which cores the server and the load generator run on."""

    def __init__(self, wanted):
        mine = sorted(os.sched_getaffinity(0))
        if len(mine) > 1:
            count = max(1, min(wanted, len(mine)))
            # As many for the load generator, if there are so many: one of its threads is about as fast as one of the
            # server's.
            others = max(1, min(count, len(mine) - count))
            self.server, self.client = set(mine[:count]), set(mine[-others:])
            where = "one of them" if count == len(mine) else "another one" if others == 1 else f"{others} others"
            self.words = f"server on {count} core{'s' * (count > 1)}, load generator on {where}"
        else:
            self.server = self.client = set(mine)
            self.words = "one core only: server and load generator share it, so only the CPU figures mean anything"

    def load_words(self):
        """What the load generator is told of its cores: a thread for each."""
        return ["--threads", str(len(self.client))] if len(self.client) > 1 else []

    @property
    def apart(self):
        return not self.server & self.client


def cpu_seconds(pid):
    """User and system time of a process, by its own CPU clock: nanoseconds, not ticks."""
    try:
        # How Linux numbers the CPU clock of another process: clock_getcpuclockid(3).
        return time.clock_gettime_ns((~pid << 3) | 2) / 1e9
    except OSError:
        with open(f"/proc/{pid}/stat") as file:
            words = file.read().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def memory_kib(pid, field):
    """`VmRSS`, or `VmHWM` for its peak."""
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    return 0


def load_average():
    return f"{os.getloadavg()[0]:.2f}"


def output(*words, folder=None):
    try:
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60)
        return done.stdout.strip() if done.returncode == 0 else ""
    except (OSError, subprocess.TimeoutExpired):
        return ""


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def congestion_control():
    """What connections on the loopback have: it decides what large transfers cost."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
            return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).rstrip(b"\0").decode()
    except (OSError, AttributeError):
        return "unknown"


def restart_with_congestion_control(name):
    """Starts this program anew, where connections on the loopback have the congestion control `name`."""
    if os.environ.get("BENCH_NAMESPACE"):
        available = "/proc/sys/net/ipv4/tcp_available_congestion_control"
        sys.exit(f"no congestion control {name}: {available} has those of this machine")
    local = "dev lo proto kernel scope host src 127.0.0.1"
    places = ("127.0.0.0/8", "127.0.0.1")
    routes = "; ".join(f"ip route replace table local local {place} {local} congctl {name}" for place in places)
    script = f'set -e; ip link set lo up; {routes}; exec "$@"'
    os.environ["BENCH_NAMESPACE"] = name
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", script, "sh", sys.executable, *sys.argv, "--no-build"])


def describe():
    """What a reader has to know to judge the figures."""
    from .build import ROOT

    model = re.search(r"^model name\s*: (.*)$", read("/proc/cpuinfo"), re.M)
    memory = re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.M)
    virtual = ", virtual machine" if re.search(r"^flags.*\bhypervisor\b", read("/proc/cpuinfo"), re.M) else ""
    gib = f", {int(memory[1]) / (1 << 20):.0f} GiB" if memory else ""
    governor = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip()
    commit = output("git", "rev-parse", "--short", "HEAD", folder=ROOT)
    changed = output("git", "status", "--porcelain", "--", ".", ":!BENCHMARKS.md", folder=ROOT)
    return [
        f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores{gib}{virtual}"
        + (f", governor {governor}" if governor else ""),
        f"{platform.system()} {platform.release().split('-')[0]}, "
        f"congestion control of the loopback {congestion_control()}, {output('rustc', '--version')}, "
        f"Python {platform.python_version()}",
        f"doget at {commit or 'an unknown commit'}{' with changes' if changed else ''}, "
        f"{time.strftime('%Y-%m-%d', time.gmtime())}",
    ]
