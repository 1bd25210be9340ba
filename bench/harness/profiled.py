"""The command as `.ci/pgo` builds it, beside the command as cargo does: both in the same rounds of the same run."""

import os
import re
import subprocess

from .build import ROOT

NAME = "doget with a profile"


def take_part(suite):
    suite.servers[NAME] = suite.servers["doget"]
    suite.usual = [*suite.usual, NAME]


def build(again):
    """The words that start it. It is built where it is not there yet, or `again`."""
    said = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True, timeout=60).stdout
    target = re.search(r"^host: (\S+)$", said, re.MULTILINE)[1]
    program = os.path.join(ROOT, "target", target, "release", "doget")
    if again or not os.path.exists(program):
        subprocess.run([os.path.join(ROOT, ".ci", "pgo"), target], check=True, timeout=7200)
    return [program]
