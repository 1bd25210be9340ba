"""Markdown out of figures."""

import statistics
import sys
import textwrap

BASE = "floor"

RATE, CPU = ("requests/s", "rate"), ("server CPU us/request", "cpu_us")
TIMES = [("p50 us", "p50_us"), ("p99 us", "p99_us")]
PEAK = ("peak RSS KiB", "peak_kib")

COLUMNS = {
    "load": [RATE, CPU, *TIMES, PEAK],
    "log": [RATE, CPU, *TIMES, PEAK],
    "handshake": [RATE, CPU, *TIMES, ("of them resumed", "resumed"), PEAK],
    "open": [("offered/s", "offered"), RATE, CPU, *TIMES, ("p99.9 us", "p999_us"), PEAK],
    "siege": [
        RATE, CPU, *TIMES, ("readers served on", "readers_fed"), ("readers cut", "readers_cut"),
        ("requests blocked", "blocked"), ("refused", "block_refused"), PEAK,
    ],
    "idle": [
        ("held", "held"), ("KiB each", "kib_per_idle"), ("closed by the server", "idle_closed"),
        RATE, CPU, *TIMES, PEAK,
    ],
    "slow": [RATE, CPU, *TIMES, ("blocked requests", "sleeper_requests"), ("their p50 us", "sleeper_p50_us"), PEAK],
    "files": [RATE, CPU, ("CPU s/GiB", "cpu_per_gib"), ("GiB/s", "gib_per_s"), *TIMES, PEAK],
    "listing": [RATE, CPU, *TIMES, PEAK],
    "start": [("ms to the first answer", "start_ms"), ("CPU ms", "start_cpu_ms"), PEAK],
}


def median(runs, key):
    values = [run[key] for run in runs if key in run]
    return statistics.median(values) if values else None


def show(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def against(kind, row, got):
    """What the ratio of a row is to."""
    base = row.removesuffix(" + log") if kind == "log" else BASE
    return got.get(base, {}).get("runs") or []


def scenario_table(key, scenario, got):
    columns = COLUMNS[scenario.kind]
    judge = "start_ms" if scenario.kind == "start" else "cpu_us"
    measured = [row for row in got if got[row]["runs"]]
    if any(median(got[row]["runs"], "instructions") for row in measured):
        columns = [*columns, ("instructions", "instructions")]
    ratio = {"log": "CPU / log off", "start": "time / floor"}.get(scenario.kind, "CPU / floor")
    rated = any(against(scenario.kind, row, got) for row in measured)
    failing = any(run.get("errors") for row in measured for run in got[row]["runs"])
    head = ["server"] + [words for words, _ in columns] + [ratio] * rated + ["errors"] * failing
    rows = []
    for row in measured:
        runs = got[row]["runs"]
        cells = [row] + [show(median(runs, name)) for _, name in columns]
        if rated:
            base, own = median(against(scenario.kind, row, got), judge), median(runs, judge)
            cells.append(f"{own / base:.2f}" if base and own else "-")
        if failing:
            cells.append(show(median(runs, "errors")))
        rows.append(cells)
    lines = [f"### {key}: {scenario.words}", ""] + (markdown(head, rows) if rows else [])
    lines += [f"\n{row}: not measured, {got[row]['failed']}" for row in got if got[row]["failed"]]
    return "\n".join(lines)


def comparison(suite, results, about):
    parts = ["\n".join(textwrap.fill(line, 120, initial_indent="- ", subsequent_indent="  ") for line in about)]
    parts += [scenario_table(key, suite.scenarios[key], got) for key, got in results["scenarios"].items()]
    return "\n\n".join(parts)


def write(path, block, text):
    """Replaces what is between the markers of a block."""
    with open(path) as file:
        whole = file.read()
    begin, end = f"<!-- {block}: begin -->", f"<!-- {block}: end -->"
    before, found, rest = whole.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        sys.exit(f"{path} has no {begin} with {end} behind it")
    with open(path, "w") as file:
        file.write(f"{before}{begin}\n\n{text}\n\n{end}{after}")
