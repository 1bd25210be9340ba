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


# Programs of a package of another name.
PACKAGES = {"doget-routes": "peer-doget", "doget-tls": "peer-doget"}
FEATURES = {"doget-tls": "peer-doget/tls"}

# Programs that are another one with other features, which one build of cargo cannot have beside each other.
AGAIN = {"doget-tls-aws-lc": ("peer-doget", "peer-doget/tls-aws-lc", "peer-doget-tls")}

# They are built elsewhere, or not at all.
OTHERS = ("doget", "doget before", "doget with a profile", "python", "nginx", "nginx-cache")
NOT_RECORDED = ("doget before", "doget with a profile", "nginx", "nginx-cache")


def wanted(suite, servers, scenarios):
    """The programs that these servers are in these scenarios."""
    scenarios = [suite.scenarios[key] for key in scenarios]
    starts = [scenario.start(name, suite) for scenario in scenarios for name in scenario.taking_part(servers, suite)]
    return list(dict.fromkeys(program for program, _ in starts))


def programs(suite, servers, scenarios, build=True):
    """The words that start each program, and the load generator. Programs that are not on this machine have none."""
    record = os.path.join(BENCH, "target", f"programs-{suite.block}.json")
    try:
        with open(record) as file:
            found = json.load(file)
    except OSError:
        found = {}
    names = wanted(suite, servers, scenarios)
    if not build:
        missing = [name for name in [*names, LOAD] if name not in found and name not in NOT_RECORDED]
        if missing:
            sys.exit(f"not built yet: {', '.join(missing)}")
        return found
    peers = [name for name in names if name not in OTHERS and name not in AGAIN]
    words = ["build", "--profile", "tuned"]
    for package in dict.fromkeys([PACKAGES.get(name, f"peer-{name}") for name in peers] + [LOAD]):
        words += ["--package", package]
    for name in peers:
        words += ["--features", FEATURES[name]] if name in FEATURES else []
    for name in AGAIN.keys() & set(names):
        package, features, program = AGAIN[name]
        again = ["build", "--profile", "tuned", "--package", package, "--features", features, "--bin", program]
        # The other build puts its program in the same place, so this one is kept elsewhere.
        kept = os.path.join(BENCH, "target", name)
        shutil.copy(cargo(again, BENCH)[program], kept)
        found[name] = [kept]
    built = cargo(words, BENCH)
    found |= {name: [built[f"peer-{name}"]] for name in peers}
    found[LOAD] = [built[LOAD]]
    if "doget" in names and suite.files:
        own = cargo(["build", "--release", "--package", "doget", "--features", "cli", "--bin", "doget"], ROOT)
        found["doget"] = [own["doget"]]
    elif "doget" in names:
        own = cargo(["build", "--release", "--package", "doget-examples", "--example", "benchmark"], ROOT)
        found["doget"] = [own["benchmark"]]
    if "python" in names:
        script = "python_files.py" if suite.files else "python.py"
        found["python"] = [sys.executable, os.path.join(BENCH, "peers", script)]
    for name in ("nginx", "nginx-cache"):
        if name in names and nginx_path():
            found[name] = [nginx_path()]
    os.makedirs(os.path.dirname(record), exist_ok=True)
    with open(record, "w") as file:
        json.dump(found, file)
    return found


def versions(servers, files=False, secure=False):
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
    if secure:
        wanted += ["rustls", "ring", "aws-lc-rs"]
    found = [f"{name} {locked[name]}" for name in dict.fromkeys(wanted)]
    if "nginx" in servers:
        said = subprocess.run([nginx_path(), "-v"], capture_output=True, text=True, timeout=10).stderr
        found.append(said.strip().removeprefix("nginx version: ").replace("/", " ") + openssl(secure))
    return found


def openssl(secure):
    """What nginx has its cryptography from."""
    said = subprocess.run([nginx_path(), "-V"], capture_output=True, text=True, timeout=10).stderr
    named = re.search(r"OpenSSL (\S+)", said)
    return f" with OpenSSL {named[1]}" if secure and named else ""


def nginx_path():
    """It stands where only root's path leads to, with some systems."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
