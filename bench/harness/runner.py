"""Takes scenarios and servers through their rounds."""

import sys
import tempfile

from . import file_scenarios, instructions, machine, secure
from .build import LOAD
from .measure import Failed, Server, load, starts
from .scenarios import LOGGED, SCENARIOS


class Row:
    """One of those that are side by side: the words of its row, and the server."""

    def __init__(self, words, name, start, cores):
        self.words = words
        self.name = name
        self.program, self.arguments = start
        self.cores = cores


def contenders(suite, scenario, servers, cores):
    rows = []
    for name in servers:
        start = scenario.start(name, suite)
        if suite.cores:
            for count in suite.cores:
                words = f"{name}, {count} core{'s' * (count > 1)}"
                rows.append(Row(words, name, start, machine.Cores(count)))
        elif scenario.kind != "log":
            rows += [Row(name, name, start, cores)] if name not in scenario.without else []
        elif name in LOGGED:
            rows += [Row(name, name, start, cores), Row(name + " + log", name, (name, LOGGED[name]), cores)]
    return rows


class Runner:
    """What all measurements of a run share."""

    def __init__(self, suite, programs, cores, options, root):
        self.suite = suite
        self.programs = programs
        self.cores = cores
        self.options = options
        self.root = root
        # Requests a second that a row can do.
        self.capacity = {}

    def start(self, row, scenario, under=(), limit=10):
        config = scenario.configs.get(row.name)
        program = [*under, *self.programs[row.program]]
        return Server(program, row.arguments, row.cores.server, self.root, scenario.secure, config, limit)

    def once(self, row, scenario, rate=None):
        if scenario.kind == "start":
            return starts(self.programs[row.program], row.arguments, row.cores)
        server = self.start(row, scenario)
        try:
            return load(server, self.programs[LOAD], scenario, row.cores, self.options, rate)
        finally:
            server.stop()

    def rate(self, scenario, rows, got):
        """The fixed rate of a scenario that has one: a part of what the slowest of the rows can do, measured once."""
        if not scenario.share:
            return None
        for row in rows:
            if row.words in self.capacity:
                continue
            try:
                self.capacity[row.words] = self.once(row, SCENARIOS["plain64"])["rate"]
            except Failed as failed:
                got[row.words]["failed"] = str(failed)
        able = [self.capacity[row.words] for row in rows if row.words in self.capacity]
        return scenario.share * min(able) if able else None

    def scenario(self, key, servers):
        """The rows of a scenario: what each round had, or why there is none."""
        scenario = self.suite.scenarios[key]
        taking_part = scenario.taking_part(servers, self.suite)
        rows = contenders(self.suite, scenario, taking_part, self.cores)
        got = {row.words: {"runs": [], "failed": None} for row in rows}
        got.update({name: {"runs": [], "failed": why} for name, why in scenario.without.items() if name in servers})
        rate = self.rate(scenario, rows, got)
        for turn in range(self.options.rounds):
            print(f"{key}: round {turn + 1} of {self.options.rounds}", file=sys.stderr, flush=True)
            for row in rows:
                self.into(got[row.words], row, lambda row: self.once(row, scenario, rate))
        if self.options.instructions and scenario.counted:
            print(f"{key}: instructions", file=sys.stderr, flush=True)
            for row in rows:
                self.into(got[row.words], row, lambda row: self.instructions(row, scenario))
        return got

    def instructions(self, row, scenario):
        """What a request takes under callgrind: a run with more requests less one with fewer."""
        if row.name in instructions.LEFT_OUT:
            return {}
        counts = []
        for requests in instructions.REQUESTS:
            server = self.start(row, scenario, instructions.UNDER, instructions.LIMIT)
            try:
                counts.append(instructions.total(server, self.programs[LOAD], scenario, row.cores, requests))
            finally:
                server.stop()
        return instructions.each(counts)

    def into(self, got, row, measured):
        """Adds what is measured to a row, or why it cannot be."""
        if got["failed"]:
            return
        try:
            got["runs"].append(measured(row))
        except Failed as failed:
            got["failed"] = str(failed)
            print(f"  {row.words}: {failed}", file=sys.stderr, flush=True)


def rounds(suite, programs, servers, scenarios, cores, options):
    """All figures: scenario, row, rounds. One round has all servers, so that what disturbs one round disturbs all."""
    with tempfile.TemporaryDirectory(prefix="doget-bench-root-") as root:
        if suite.files:
            file_scenarios.fill(root)
        if any(suite.scenarios[key].secure for key in scenarios):
            secure.fill(root)
        runner = Runner(suite, programs, cores, options, root)
        results = {"load": machine.load_average(), "scenarios": {}}
        for key in scenarios:
            results["scenarios"][key] = runner.scenario(key, servers)
        return results
