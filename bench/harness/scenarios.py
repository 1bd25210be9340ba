"""Who is measured, at what."""

from . import secure
from .scenario import Scenario, Suite

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

# nginx takes part where it can answer by itself, which is with TLS; {config} is a file.
NGINX = {"nginx": ["-c", "{config}", "-p", "{root}"]}

# Its other cryptography: it takes part with TLS only, and there `secure.STARTS` has its arguments.
AWS_LC = {"doget-aws-lc": []}

ROUTERS = ("axum", "actix-web")

# Who is beside at a rate of the clients' own: at that of the slowest, python would leave all others idle.
RATED = ("floor", "doget", "hyper", "axum", "actix-web")

UPLOAD = 64 << 20


def plaintext(words, *load, **more):
    return Scenario(f"GET /plaintext, {words}", "/plaintext", *load, **more)


def routes(count):
    starts = {name: (name, ["--routes", str(count), "{port}"]) for name in ROUTERS}
    starts["doget"] = ("doget-routes", [str(count), "{port}"])
    path = f"/api/r{count - 1:04}/42/parts/7"
    return Scenario(
        f"GET of the last of {count:,} routes with 2 placeholders each, 64 connections", path, "--connections", "64",
        only=("floor", *starts), starts=starts, counted=True,
    )


def rated(share):
    words = f"64 connections, at a fixed rate: {share} % of what the slowest server can do"
    return plaintext(words, "--connections", "64", kind="open", only=RATED, share=share / 100)


SCENARIOS = {
    "plain1": plaintext("keep-alive, 1 connection", "--connections", "1"),
    "plain64": plaintext("keep-alive, 64 connections", "--connections", "64", counted=True),
    "plain256": plaintext("keep-alive, 256 connections", "--connections", "256"),
    "pipe16": plaintext("64 connections, pipelined 16 deep", "--connections", "64", "--pipeline", "16", counted=True),
    "browser": plaintext(
        "64 connections, with a browser's head of 16 fields and 870 bytes",
        "--connections", "64", "--browser", counted=True,
    ),
    "routes10": routes(10),
    "routes100": routes(100),
    "routes1000": routes(1000),
    "json64": Scenario("GET /json, keep-alive, 64 connections", "/json", "--connections", "64", counted=True),
    "json": Scenario(
        "POST /json, an order of 340 bytes read and a receipt written, 64 connections",
        "/json", "--connections", "64", "--json",
        only=("floor", "doget", "axum", "actix-web"), counted=True,
    ),
    "echo1k": Scenario("POST /echo of 1 KiB, 32 connections", "/echo", "--connections", "32", "--body", "1024"),
    "echo1m": Scenario("POST /echo of 1 MiB, 4 connections", "/echo", "--connections", "4", "--body", str(1 << 20)),
    "upload": Scenario(
        "POST /upload of 64 MiB in chunks, passed over, 2 connections",
        "/upload", "--connections", "2", "--upload", str(UPLOAD), "--length", str(len(str(UPLOAD))),
        kind="files", size=UPLOAD, without={"python": "reads no chunks"},
    ),
    "churn": plaintext("a connection for each request, 32 at a time", "--connections", "32", "--close"),
    **secure.SCENARIOS,
    "idle": plaintext("on 1 connection beside a crowd of idle ones", "--connections", "1", kind="idle"),
    "open30": rated(30),
    "open60": rated(60),
    "open90": rated(90),
    "slow": plaintext(
        "on 16 connections while handlers of 32 others block for 100 ms each",
        "--connections", "16", "--sleepers", "32",
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
    "siege": plaintext(
        "on 16 connections beside 512 slow readers and 600 requests that block for 5 s",
        "--connections", "16", "--readers", "512", "--blockers", "600", kind="siege", only=("doget", "hyper"),
        starts={"hyper": ("hyper", ["--stream", "{port}"])},
    ),
    "log": plaintext("64 connections, access log off and on", "--connections", "64", kind="log"),
    "compute": Scenario(
        "GET /compute, a handler that computes for some 100 us, 16 connections", "/compute", "--connections", "16",
        only=("doget", "hyper"),
    ),
    "start": Scenario("from the start of the process to the first answer", "/plaintext", kind="start"),
}

WITH_CORES = ("plain1", "plain64", "plain256", "pipe16", "echo1k", "echo1m", "churn", "slow", "compute")

REQUESTS = Suite("comparison", SERVERS | AWS_LC | NGINX, SCENARIOS, usual=SERVERS)
MORE_CORES = Suite(
    "cores",
    {name: SERVERS[name] for name in ("doget", "hyper")},
    {key: SCENARIOS[key] for key in WITH_CORES},
    cores=(1, 2),
)
