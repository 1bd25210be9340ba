"""doget as it was at another commit, beside doget as it is: both in the same rounds of the same run."""

import os
import subprocess
import sys

from .build import BENCH, ROOT, cargo

NAME = "doget before"


def git(*words, **more):
    return subprocess.run(["git", "-C", ROOT, *words], check=True, capture_output=True, timeout=60, **more)


def take_part(suite):
    """The older one stands behind the newer one wherever that is the program of its own examples."""
    suite.servers[NAME] = suite.servers["doget"]
    suite.usual = [*suite.usual, NAME]
    for scenario in suite.scenarios.values():
        # Elsewhere the program is one of the benchmark's own, which would be built with the newer library.
        if scenario.only is not None and "doget" in scenario.only and "doget" not in scenario.starts:
            scenario.only = (*scenario.only, NAME)


def build(revision):
    """The words that start the benchmark's program as that commit has it, built from a copy of the commit."""
    try:
        commit = git("rev-parse", "--verify", revision + "^{commit}", text=True).stdout.strip()
    except subprocess.CalledProcessError:
        sys.exit(f"no such commit: {revision}")
    folder = os.path.join(BENCH, "target", "before", commit)
    if not os.path.exists(os.path.join(folder, "Cargo.toml")):
        os.makedirs(folder, exist_ok=True)
        archive = git("archive", commit).stdout
        subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True, timeout=60)
    built = cargo(["build", "--release", "--package", "doget-examples", "--example", "benchmark"], folder)
    return [built["benchmark"]]
