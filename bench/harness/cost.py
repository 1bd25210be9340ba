"""What a hello-world costs to build: crates, time, size."""

import os
import shutil
import subprocess
import tempfile
import time

from . import machine, tables
from .build import BENCH, cargo, versions

SERVERS = ["doget", "tiny_http", "hyper", "axum"]


def crates(package):
    """Packages that are compiled for it, itself not counted."""
    words = ["cargo", "tree", "--locked", "--package", package, "--edges", "normal,build", "--prefix", "none", "--format", "{p}"]
    done = subprocess.run(words, cwd=BENCH, capture_output=True, text=True, timeout=300, check=True)
    names = {line.removesuffix(" (*)").removesuffix(" (proc-macro)") for line in done.stdout.splitlines() if line}
    return len(names) - 1


def clean_build(package, *flags):
    """Seconds, and the size of the program in KiB, also without symbols."""
    folder = tempfile.mkdtemp(prefix="doget-bench-")
    try:
        start = time.perf_counter()
        words = ["build", "--locked", "--offline", "--quiet", "--package", package, *flags]
        program = cargo(words, BENCH, limit=1200, env={"CARGO_TARGET_DIR": folder})[package]
        seconds = time.perf_counter() - start
        size = os.path.getsize(program)
        if shutil.which("strip"):
            subprocess.run(["strip", program], timeout=60, check=True)
        return seconds, size / 1024, os.path.getsize(program) / 1024
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def table(quick):
    subprocess.run(["cargo", "fetch", "--locked"], cwd=BENCH, timeout=1200, check=True)
    rows = []
    for name in SERVERS:
        package = f"hello-{name}"
        debug, _, _ = clean_build(package)
        release, size, stripped = (0, 0, 0) if quick else clean_build(package, "--release")
        cells = [crates(package), debug, release, size, stripped]
        rows.append([name] + [tables.show(cell) if cell else "-" for cell in cells])
    about = machine.describe() + [
        f"clean builds of `bench/hello/*` with cargo's default profiles on {len(os.sched_getaffinity(0))} cores, "
        "everything downloaded before",
        "versions: " + ", ".join(versions(SERVERS)),
    ]
    head = ["server", "crates", "debug build s", "release build s", "release KiB", "stripped KiB"]
    return "\n".join(["- " + line for line in about] + [""] + tables.markdown(head, rows))
