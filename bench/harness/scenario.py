"""What a scenario is, and what a suite of them is."""


class Scenario:
    def __init__(
        self, words, *load, kind="load", without=None, only=None, size=0, starts=None, configs=None, share=0,
        counted=False,
    ):
        self.words = words
        # Arguments of the load generator.
        self.load = list(load)
        # What is special: a key of `tables.COLUMNS`.
        self.kind = kind
        # Servers that cannot take part, and why.
        self.without = without or {}
        # The servers that take part, if not all do; it is not said of the others.
        self.only = only
        # Bytes of an answer, or of an upload, where they are what counts.
        self.size = size
        # Servers that are started otherwise than the suite says: program and arguments.
        self.starts = starts or {}
        # The configuration files of servers: a text, and what it has as {more}.
        self.configs = configs or {}
        # The rate as a part of what the slowest server can do.
        self.share = share
        # Instructions for each request say something, since little else happens.
        self.counted = counted

    @property
    def secure(self):
        return "--tls" in self.load

    def taking_part(self, servers, suite):
        """Those of the servers that take part."""
        everybody = suite.usual if self.only is None else self.only
        return [name for name in servers if name in everybody]

    def start(self, name, suite):
        """The program of a server, and its arguments."""
        return self.starts.get(name) or (name, suite.servers[name])


class Suite:
    """Servers, and what they are measured at."""

    def __init__(self, block, servers, scenarios, usual=None, files=False, cores=()):
        # The block of BENCHMARKS.md that has its tables.
        self.block = block
        self.servers = servers
        self.scenarios = scenarios
        # The servers of a scenario that does not name its own.
        self.usual = list(servers) if usual is None else usual
        # They serve a directory.
        self.files = files
        # Each is measured on so many cores, side by side.
        self.cores = cores
