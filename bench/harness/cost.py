"""What a hello-world costs to build: crates, time, size."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from . import machine, tables
from .build import BENCH, cargo, versions

SERVERS = ["doget", "tiny_http", "hyper", "axum"]


def crates(package):
    """Packages that are compiled for it, itself not counted."""
    words = ["cargo", "tree", "--package", package, "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]
    done = subprocess.run(words, cwd=BENCH, capture_output=True, text=True, timeout=300, check=True)
    names = {line.removesuffix(" (*)").removesuffix(" (proc-macro)") for line in done.stdout.splitlines() if line}
    return len(names) - 1


def children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def clean_build(package, *flags):
    """Seconds, seconds of CPU, and the size of the program in KiB, also without symbols."""
    folder = tempfile.mkdtemp(prefix="doget-bench-")
    # doget lies beside this workspace, so cargo would build it incrementally, which takes longer; what comes from a
    # registry never is.
    env = {"CARGO_TARGET_DIR": folder, "CARGO_INCREMENTAL": "0"}
    try:
        cpu, start = children_cpu(), time.perf_counter()
        words = ["build", "--offline", "--quiet", "--package", package, *flags]
        program = cargo(words, BENCH, limit=1200, env=env)[package]
        seconds, cpu = time.perf_counter() - start, children_cpu() - cpu
        size = os.path.getsize(program)
        if shutil.which("strip"):
            subprocess.run(["strip", program], timeout=60, check=True)
        return seconds, cpu, size / 1024, os.path.getsize(program) / 1024
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def table(rounds, quick):
    """`quick`: debug builds only."""
    subprocess.run(["cargo", "fetch"], cwd=BENCH, timeout=1200, check=True)
    load = machine.load_average()
    builds = {"debug": []} if quick else {"debug": [], "release": ["--release"]}
    got = {name: {kind: [] for kind in builds} for name in SERVERS}
    for turn in range(rounds):
        for name in SERVERS:
            print(f"hello-{name}: round {turn + 1} of {rounds}", file=sys.stderr, flush=True)
            for kind, flags in builds.items():
                got[name][kind].append(clean_build(f"hello-{name}", *flags))
    rows = []
    for name in SERVERS:
        cells = [crates(f"hello-{name}")]
        for runs in got[name].values():
            cells += [statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)]
        cells += [] if quick else got[name]["release"][0][2:]
        rows.append([name] + [tables.show(cell) for cell in cells])
    about = machine.describe() + [
        f"clean builds of `bench/hello/*` with cargo's default profiles, not incremental, "
        f"on {len(os.sched_getaffinity(0))} cores, "
        f"everything downloaded before; median of {rounds}; load average before: {load}",
        "versions: " + ", ".join(versions(SERVERS)),
    ]
    head = ["server", "crates"] + [f"{kind} {what} s" for kind in builds for what in ("build", "CPU")]
    head += [] if quick else ["release KiB", "stripped KiB"]
    return "\n".join(["- " + line for line in about] + [""] + tables.markdown(head, rows))
