#!/usr/bin/env python3
"""Runs Autobahn's 517 cases of WebSocket against doget, by the package kosoku (pinned), and judges its report.

    tests/foreign/live/autobahn.py [--all | --plain] [PROGRAM]

PROGRAM is the built doget-live-server (default: target/debug/doget-live-server). The cases of compression send and
compress 11 GB in all, so those of more than 16 KiB a message are left out without `--all`, which takes some ten minutes
and wants a program that was built with `--release`. `--plain` is for a program without `live-deflate`: the 301 cases
that want no compression, and one more that shows that it is not agreed on. Without kosoku nothing is run, and the
script says so. The status of kosoku itself lets NON-STRICT pass, so its index is read.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

KOSOKU = "0.1.0"
# What a case tells and does not judge.
INFORMATIONAL = {"7.1.6", "7.13.1", "7.13.2"}
CASES = 517
# Of each group of compression, the cases with messages of 32 to 128 KiB.
LARGE = [f"{group}.*.{case}" for group in (12, 13) for case in (8, 9, 10, 13, 14, 15, 16, 17, 18)]
WITHOUT_LARGE = 517 - 12 * 9
# Without compression, and one case that shows that it is not agreed on.
WITHOUT_COMPRESSION = 517 - 216 + 1
COMPRESSED = [f"{group}.{part}.*" for group in (12, 13) for part in range(1, 8) if (group, part) != (12, 1)]
COMPRESSED += [f"12.1.{case}" for case in range(2, 19)]

# Of messages that are not compressed kosoku 0.1.0 gives text to cases that hash bytes (groups 12 and 13): any server
# that sends a short message plain would fail there.
RUN = """
import hashlib
from kosoku._caseindex import initialize_shims

initialize_shims()
import case12_x_x as cases

def in_bytes(on_message):
    def wrapped(self, message, binary):
        if isinstance(message, str):
            try:
                encoded = message.encode("latin-1")
            except UnicodeEncodeError:
                encoded = message.encode()
            if hashlib.sha1(encoded).digest() != self._expected_hash:
                encoded = message.encode()
            message = encoded
        on_message(self, message, binary)
    return wrapped

for case in cases.Case12_X_X + cases.Case13_X_X:
    case.onMessage = in_bytes(case.onMessage)

from kosoku._cli import main
main()
"""


def main():
    try:
        from importlib.metadata import version

        found = version("kosoku")
    except Exception:
        found = None
    if found != KOSOKU:
        print(f"autobahn: not run (kosoku {KOSOKU} is not installed: pip install kosoku=={KOSOKU})")
        return 0
    arguments = sys.argv[1:]
    takes_all, is_plain = "--all" in arguments, "--plain" in arguments
    arguments = [argument for argument in arguments if not argument.startswith("--")]
    program = arguments[0] if arguments else "target/debug/doget-live-server"
    server = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().split()[1]
        with tempfile.TemporaryDirectory() as reports:
            command = [sys.executable, "-c", RUN]
            command += ["-m", "fuzzingclient", f"{address}/echo", "-p", "4", "-o", reports]
            left_out = COMPRESSED if is_plain else [] if takes_all else LARGE
            command += [word for cases in left_out for word in ("-x", cases)]
            subprocess.run(command, stdout=subprocess.DEVNULL, timeout=1500 if takes_all else 300)
            index = json.loads(next(pathlib.Path(reports).rglob("index.json")).read_text())
    finally:
        server.stdin.close()
        server.wait(timeout=20)
    (cases,) = index.values()
    faults, counts = [], {}
    for case, result in sorted(cases.items()):
        wanted = "INFORMATIONAL" if case in INFORMATIONAL else "OK"
        if is_plain and case.startswith("12."):
            wanted = "UNIMPLEMENTED"
        counts[wanted] = counts.get(wanted, 0) + 1
        if result["behavior"] != wanted or result["behaviorClose"] not in ("OK", "INFORMATIONAL"):
            faults.append(f"{case}: {result['behavior']}, close {result['behaviorClose']}")
    wanted = WITHOUT_COMPRESSION if is_plain else CASES if takes_all else WITHOUT_LARGE
    if len(cases) != wanted:
        faults.append(f"{len(cases)} cases were run, and not {wanted}")
    told = ", ".join(f"{count} {behavior}" for behavior, count in counts.items())
    print("\n".join(faults) if faults else f"autobahn: {len(cases)} cases are in order: {told}")
    return 1 if faults else 0


sys.exit(main())
