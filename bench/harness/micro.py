"""doget's own benchmarks, as a table."""

import shutil
import subprocess

from . import machine
from .build import ROOT


def table():
    words = ["cargo", "bench", "--quiet", "--package", "doget", "--"]
    if shutil.which("valgrind"):
        words.append("--instructions")
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=3600, check=True)
    return "\n".join(["- " + line for line in machine.describe()] + ["", done.stdout.strip()])
