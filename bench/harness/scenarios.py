"""Who is measured, at what."""

# Name, and the arguments of its program; {log} is a file for its access log.
SERVERS = {
    "floor": ["{port}"],
    "doget": ["{port}"],
    "hyper": ["{port}"],
    "axum": ["{port}"],
    "actix-web": ["{port}"],
    "tiny_http": ["{port}"],
    "python": ["{port}"],
}

# What a server does with an access log, in the scenario `log`: the option that turns it on.
LOGGED = {
    "doget": ["--log", "{log}", "{port}"],
    "actix-web": ["--log", "{log}", "{port}"],
    "python": ["--log", "{log}", "{port}"],
}


class Scenario:
    def __init__(self, words, *load, kind="load", without=None, only=None, size=0):
        self.words = words
        # Arguments of the load generator.
        self.load = list(load)
        # What is special: "load", "log", "idle", "slow" or "start".
        self.kind = kind
        # Servers that cannot take part, and why.
        self.without = without or {}
        # The servers that take part, if not all do; it is not said of the others.
        self.only = only
        # Bytes of an answer, where they are what counts.
        self.size = size


SCENARIOS = {
    "plain1": Scenario("GET /plaintext, keep-alive, 1 connection", "/plaintext", "--connections", "1"),
    "plain64": Scenario("GET /plaintext, keep-alive, 64 connections", "/plaintext", "--connections", "64"),
    "plain256": Scenario("GET /plaintext, keep-alive, 256 connections", "/plaintext", "--connections", "256"),
    "pipe16": Scenario(
        "GET /plaintext, 64 connections, pipelined 16 deep", "/plaintext", "--connections", "64", "--pipeline", "16"
    ),
    "json64": Scenario("GET /json, keep-alive, 64 connections", "/json", "--connections", "64"),
    "echo1k": Scenario("POST /echo of 1 KiB, 32 connections", "/echo", "--connections", "32", "--body", "1024"),
    "echo1m": Scenario("POST /echo of 1 MiB, 4 connections", "/echo", "--connections", "4", "--body", str(1 << 20)),
    "churn": Scenario(
        "GET /plaintext, a connection for each request, 32 at a time", "/plaintext", "--connections", "32", "--close"
    ),
    "idle": Scenario(
        "GET /plaintext on 1 connection beside a crowd of idle ones", "/plaintext", "--connections", "1", kind="idle"
    ),
    "slow": Scenario(
        "GET /plaintext on 16 connections while handlers of 32 others block for 100 ms each",
        "/plaintext", "--connections", "16", "--sleepers", "32",
        kind="slow", without={"floor": "has no handlers"},
    ),
    **{
        f"slow{count}": Scenario(
            f"the same while handlers of {count} others block",
            "/plaintext", "--connections", "16", "--sleepers", str(count),
            kind="slow", only=("doget", "hyper"),
        )
        for count in (64, 256, 512)
    },
    "log": Scenario(
        "GET /plaintext, 64 connections, access log off and on", "/plaintext", "--connections", "64", kind="log"
    ),
    "compute": Scenario(
        "GET /compute, a handler that computes for some 100 us, 16 connections", "/compute", "--connections", "16",
        only=("doget", "hyper"),
    ),
    "start": Scenario("from the start of the process to the first answer", "/plaintext", kind="start"),
}

# The same for servers of files; {root} is the directory, {config} a file that `CONFIGS` has the text of.
FILE_SERVERS = {
    "floor": ["--files", "{root}", "{port}"],
    "doget": ["--log-format", "off", "--bind", "127.0.0.1", "--directory", "{root}", "{port}"],
    "nginx": ["-c", "{config}", "-p", "{root}"],
    "nginx-cache": ["-c", "{config}", "-p", "{root}"],
    "actix-web": ["--files", "{root}", "{port}"],
    "axum": ["--files", "{root}", "{port}"],
    "python": ["{root}", "{port}"],
}

NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; default_type application/octet-stream;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    {more}
    server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; autoindex on; }}
}}
"""

CONFIGS = {
    "nginx": (NGINX, ""),
    "nginx-cache": (NGINX, "open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s;"),
}

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
ENTRIES = 10_000


def file_scenario(words, name, connections, size):
    return Scenario(
        words, "/" + name, "--connections", str(connections), "--length", str(size), kind="files", size=size
    )


FILE_SCENARIOS = {
    "s1k": file_scenario("a file of 1 KiB, 64 connections", "1k.bin", 64, KIB),
    "s100k": file_scenario("a file of 100 KiB, 32 connections", "100k.bin", 32, 100 * KIB),
    "s10m": file_scenario("a file of 10 MiB, 4 connections", "10m.bin", 4, 10 * MIB),
    "big": file_scenario("a file of 1 GiB, 1 connection", "1g.bin", 1, GIB),
    "list": Scenario(
        f"a listing of {ENTRIES:,} files, 1 connection", "/many/", "--connections", "1", kind="listing",
        without={"floor": "lists nothing", "axum": "lists nothing"},
    ),
}

# The files of the scenarios, by their sizes.
FILES = {scenario.load[0][1:]: scenario.size for scenario in FILE_SCENARIOS.values() if scenario.size}


class Suite:
    """Servers, and what they are measured at."""

    def __init__(self, block, servers, scenarios, files=False, cores=()):
        # The block of BENCHMARKS.md that has its tables.
        self.block = block
        self.servers = servers
        self.scenarios = scenarios
        # They serve a directory.
        self.files = files
        # Each is measured on so many cores, side by side.
        self.cores = cores


REQUESTS = Suite("comparison", SERVERS, SCENARIOS)
MORE_CORES = Suite(
    "cores",
    {name: SERVERS[name] for name in ("doget", "hyper")},
    {key: SCENARIOS[key] for key in ("plain1", "plain64", "plain256", "pipe16", "echo1k", "echo1m", "churn", "slow", "compute")},
    cores=(1, 2),
)
SERVED_FILES = Suite("files", FILE_SERVERS, FILE_SCENARIOS, files=True)
