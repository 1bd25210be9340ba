"""What is measured with TLS."""

import os
import shutil
import subprocess
import sys

from .nginx import CACHE, TLS, TLS_CROWD
from .scenario import Scenario

CERTIFICATE = ["{root}/cert.pem", "{root}/key.pem"]

STARTS = {
    "floor": ("floor", ["--tls", *CERTIFICATE, "{port}"]),
    "doget": ("doget-tls", [*CERTIFICATE, "{port}"]),
    # With the cryptography that the others have.
    "doget-aws-lc": ("doget-tls-aws-lc", [*CERTIFICATE, "{port}"]),
    "hyper": ("hyper", ["--tls", *CERTIFICATE, "{port}"]),
    "actix-web": ("actix-web", ["--tls", *CERTIFICATE, "{port}"]),
}


def scenario(words, *load, **more):
    configs = {"nginx": (TLS_CROWD if more.get("kind") == "idle" else TLS, CACHE)}
    return Scenario(words, *load, "--tls", only=[*STARTS, "nginx"], starts=STARTS, configs=configs, **more)


def kept_alive(words, path, connections, size):
    load = [path, "--connections", str(connections), "--length", str(size)]
    return scenario(f"GET of {words} with TLS, keep-alive, {connections} connections", *load)


NEW = ["/1k", "--connections", "32", "--close"]

SCENARIOS = {
    "tls1k": kept_alive("1 KiB", "/1k", 64, 1 << 10),
    "tls100k": kept_alive("100 KiB", "/100k", 32, 100 << 10),
    "tlsnew": scenario("GET of 1 KiB with TLS, a connection for each request, 32 at a time", *NEW, kind="handshake"),
    "tlsresume": scenario("the same, sessions resumed", *NEW, "--resume", kind="handshake"),
    "tlsidle": scenario(
        "GET of 1 KiB with TLS on 1 connection beside a crowd of idle ones", "/1k", "--connections", "1", kind="idle"
    ),
}


def fill(root):
    """Makes a certificate and what nginx serves."""
    with open(os.path.join(root, "100k"), "w") as file:
        file.write("x" * (100 << 10))
    openssl = shutil.which("openssl")
    if not openssl:
        sys.exit("scenarios with TLS need the program openssl, which makes their certificate")
    words = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    words += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    words += ["-keyout", os.path.join(root, "key.pem"), "-out", os.path.join(root, "cert.pem")]
    subprocess.run(words, check=True, timeout=60, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
