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
    def __init__(self, words, *load, kind="load", without=None):
        self.words = words
        # Arguments of the load generator.
        self.load = list(load)
        # What is special: "load", "log", "idle", "slow" or "start".
        self.kind = kind
        # Servers that cannot take part, and why.
        self.without = without or {}


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
    "log": Scenario(
        "GET /plaintext, 64 connections, access log off and on", "/plaintext", "--connections", "64", kind="log"
    ),
    "start": Scenario("from the start of the process to the first answer", "/plaintext", kind="start"),
}
