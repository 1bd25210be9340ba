"""How many instructions of its own a server takes for a request, by callgrind: the same on a busy machine."""

import re

from .measure import Failed, driven

UNDER = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
# Seconds for a server to start, and to end.
LIMIT = 60
# Of the two runs; the first has in it what a server does once.
REQUESTS = (1_000, 5_000)
# Its instructions are those of an interpreter.
LEFT_OUT = ("python",)


def total(server, program, scenario, cores, requests):
    """All instructions of a server that has had so many requests; it is ended."""
    words = scenario.load + ["--seconds", str(LIMIT), "--warmup", "0", "--requests", str(requests)]
    result, *_ = driven(server, program, words, cores, LIMIT + 30)
    server.end()
    found = re.search(r"Collected : (\d+)", server.said())
    if not found:
        raise Failed(f"callgrind says no total: {server.said()[-200:].strip()}")
    return int(found[1]), result["requests"]


def each(counts):
    """The difference of two runs, as a figure of a table."""
    (few, fewer_requests), (many, more_requests) = counts
    return {"instructions": (many - few) / (more_requests - fewer_requests)}
