"""Builds the programs and knows where they are."""

import json
import os
import re
import shutil
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


OTHERS = ("doget", "python", "nginx", "nginx-cache")


def programs(suite, servers, build=True):
    """The words that start each server, and the load generator. Servers that are not on this machine have none."""
    record = os.path.join(BENCH, "target", f"programs-{suite.block}.json")
    if not build:
        try:
            with open(record) as file:
                found = json.load(file)
        except OSError:
            found = {}
        missing = [name for name in [*servers, LOAD] if name not in found and not name.startswith("nginx")]
        if missing:
            sys.exit(f"not built yet: {', '.join(missing)}")
        return found
    peers = [name for name in servers if name not in OTHERS]
    packages = [f"peer-{name}" for name in peers] + [LOAD]
    words = ["build", "--profile", "tuned"]
    for package in packages:
        words += ["--package", package]
    built = cargo(words, BENCH)
    found = {name: [built[f"peer-{name}"]] for name in peers}
    found[LOAD] = [built[LOAD]]
    if "doget" in servers and suite.files:
        own = cargo(["build", "--release", "--package", "doget", "--features", "cli", "--bin", "doget"], ROOT)
        found["doget"] = [own["doget"]]
    elif "doget" in servers:
        own = cargo(["build", "--release", "--package", "doget-examples", "--example", "benchmark"], ROOT)
        found["doget"] = [own["benchmark"]]
    if "python" in servers:
        script = "python_files.py" if suite.files else "python.py"
        found["python"] = [sys.executable, os.path.join(BENCH, "peers", script)]
    for name in ("nginx", "nginx-cache"):
        if name in servers and nginx_path():
            found[name] = [nginx_path()]
    os.makedirs(os.path.dirname(record), exist_ok=True)
    with open(record, "w") as file:
        json.dump(found, file)
    return found


def versions(servers, files=False):
    """What the lock file says of the peers, and of what they stand on."""
    with open(os.path.join(BENCH, "Cargo.lock")) as file:
        locked = dict(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', file.read()))
    wanted = [name for name in servers if name in locked]
    if "axum" in servers and files:
        wanted.append("tower-http")
    if "actix-web" in servers and files:
        wanted.append("actix-files")
    if {"axum", "hyper"} & set(servers):
        wanted += ["hyper", "hyper-util", "tokio"]
    found = [f"{name} {locked[name]}" for name in dict.fromkeys(wanted)]
    if "nginx" in servers:
        said = subprocess.run([nginx_path(), "-v"], capture_output=True, text=True, timeout=10).stderr
        found.append(said.strip().removeprefix("nginx version: ").replace("/", " "))
    return found


def nginx_path():
    """It stands where only root's path leads to, with some systems."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
