#!/usr/bin/env python3
"""Runs Autobahn's 517 cases of WebSocket against doget, by the package kosoku (pinned), and judges its report.

    tests/foreign/live/autobahn.py [PROGRAM]

PROGRAM is the built doget-live-server (default: target/debug/doget-live-server). Without kosoku nothing is run, and the
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


def main():
    try:
        from importlib.metadata import version

        found = version("kosoku")
    except Exception:
        found = None
    if found != KOSOKU:
        print(f"autobahn: not run (kosoku {KOSOKU} is not installed: pip install kosoku=={KOSOKU})")
        return 0
    program = sys.argv[1] if len(sys.argv) > 1 else "target/debug/doget-live-server"
    server = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().split()[1]
        with tempfile.TemporaryDirectory() as reports:
            command = [sys.executable, "-m", "kosoku"]
            kosoku = pathlib.Path(sys.executable).with_name("kosoku")
            if kosoku.exists():
                command = [str(kosoku)]
            command += ["-m", "fuzzingclient", f"{address}/echo", "-p", "4", "-o", reports]
            subprocess.run(command, stdout=subprocess.DEVNULL, timeout=400)
            index = json.loads(next(pathlib.Path(reports).rglob("index.json")).read_text())
    finally:
        server.stdin.close()
        server.wait(timeout=20)
    (cases,) = index.values()
    faults = []
    for case, result in sorted(cases.items()):
        wanted = "INFORMATIONAL" if case in INFORMATIONAL else "OK"
        if result["behavior"] != wanted or result["behaviorClose"] not in ("OK", "INFORMATIONAL"):
            faults.append(f"{case}: {result['behavior']}, close {result['behaviorClose']}")
    if len(cases) != CASES:
        faults.append(f"{len(cases)} cases were run, and not {CASES}")
    print("\n".join(faults) if faults else f"autobahn: {len(cases)} cases are in order")
    return 1 if faults else 0


sys.exit(main())
