"""Builds the programs and knows where they are."""

import json
import os
import re
import subprocess
import sys

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(BENCH)
LOAD = "bench-load"


def cargo(words, folder, limit=3600, env=None):
    """Runs cargo and returns the executables it tells of, by the names of their targets."""
    words = ["cargo"] + words + ["--message-format", "json-render-diagnostics"]
    done = subprocess.run(
        words, cwd=folder, stdout=subprocess.PIPE, text=True, timeout=limit, env={**os.environ, **(env or {})}
    )
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed in {folder}")
    found = {}
    for line in done.stdout.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("executable"):
            found[message["target"]["name"]] = message["executable"]
    return found


def programs(servers, build=True):
    """The words that start each server, and the load generator."""
    record = os.path.join(BENCH, "target", "programs.json")
    if not build:
        try:
            with open(record) as file:
                found = json.load(file)
        except OSError:
            found = {}
        missing = [name for name in [*servers, LOAD] if name not in found]
        if missing:
            sys.exit(f"not built yet: {', '.join(missing)}")
        return found
    peers = [name for name in servers if name not in ("doget", "python")]
    packages = [f"peer-{name}" for name in peers] + [LOAD]
    words = ["build", "--profile", "tuned"]
    for package in packages:
        words += ["--package", package]
    built = cargo(words, BENCH)
    found = {name: [built[f"peer-{name}"]] for name in peers}
    found[LOAD] = [built[LOAD]]
    if "doget" in servers:
        own = cargo(["build", "--release", "--package", "doget-examples", "--example", "benchmark"], ROOT)
        found["doget"] = [own["benchmark"]]
    if "python" in servers:
        found["python"] = [sys.executable, os.path.join(BENCH, "peers", "python.py")]
    os.makedirs(os.path.dirname(record), exist_ok=True)
    with open(record, "w") as file:
        json.dump(found, file)
    return found


def versions(servers):
    """What the lock file says of the peers, and of what they stand on."""
    with open(os.path.join(BENCH, "Cargo.lock")) as file:
        locked = dict(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', file.read()))
    wanted = [name for name in servers if name in locked]
    if {"axum", "hyper"} & set(servers):
        wanted += ["hyper", "hyper-util", "tokio"]
    return [f"{name} {locked[name]}" for name in dict.fromkeys(wanted)]
