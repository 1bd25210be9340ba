"""Servers of files, and what they are measured at."""

import os

from .nginx import CACHE, FILES as NGINX
from .scenario import Scenario, Suite

# {root} is the directory, {config} a file that `CONFIGS` has the text of.
SERVERS = {
    "floor": ["--files", "{root}", "{port}"],
    "doget": ["--log-format", "off", "--bind", "127.0.0.1", "--directory", "{root}", "{port}"],
    "nginx": ["-c", "{config}", "-p", "{root}"],
    "nginx-cache": ["-c", "{config}", "-p", "{root}"],
    "actix-web": ["--files", "{root}", "{port}"],
    "axum": ["--files", "{root}", "{port}"],
    "python": ["{root}", "{port}"],
}

CONFIGS = {"nginx": (NGINX, ""), "nginx-cache": (NGINX, CACHE)}

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
ENTRIES = 10_000


def file_scenario(words, name, connections, size):
    load = ["/" + name, "--connections", str(connections), "--length", str(size)]
    return Scenario(words, *load, kind="files", size=size, configs=CONFIGS)


SCENARIOS = {
    "s1k": file_scenario("a file of 1 KiB, 64 connections", "1k.bin", 64, KIB),
    "s100k": file_scenario("a file of 100 KiB, 32 connections", "100k.bin", 32, 100 * KIB),
    "s10m": file_scenario("a file of 10 MiB, 4 connections", "10m.bin", 4, 10 * MIB),
    "big": file_scenario("a file of 1 GiB, 1 connection", "1g.bin", 1, GIB),
    "list": Scenario(
        f"a listing of {ENTRIES:,} files, 1 connection", "/many/", "--connections", "1", kind="listing",
        without={"floor": "lists nothing", "axum": "lists nothing"}, configs=CONFIGS,
    ),
}

# The files of the scenarios, by their sizes.
FILES = {scenario.load[0][1:]: scenario.size for scenario in SCENARIOS.values() if scenario.size}


def fill(root):
    """Makes the files that are served."""
    with open(os.path.join(root, "plaintext"), "w") as file:
        file.write("Hello, World!")
    for name, size in FILES.items():
        with open(os.path.join(root, name), "wb") as file:
            piece = os.urandom(min(size, 1 << 20))
            for _ in range(size // len(piece)):
                file.write(piece)
    many = os.path.join(root, "many")
    os.mkdir(many)
    for number in range(ENTRIES):
        with open(os.path.join(many, f"file-{number:05}.txt"), "w") as file:
            file.write("x" * (number % 1000))


SERVED_FILES = Suite("files", SERVERS, SCENARIOS, files=True)
