"""The documents of the examples, by tools of others: check.py EXAMPLES FOLDER

EXAMPLES is the folder with the built examples, FOLDER one to work in. Each example that makes a document is started and
asked for it. A validator reads both versions. The example `api` is then tried with requests that schemathesis makes
from its document, and a client that openapi-python-client makes from it talks to it.
"""

import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.request

from openapi_spec_validator import validate

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TOOLS = pathlib.Path(sys.executable).parent


@contextlib.contextmanager
def started(program):
    """Runs an example on a port of the system's choice; gives its address."""
    with subprocess.Popen([program, "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            found = None
            while not found:
                line = process.stdout.readline()
                assert line, f"{program} has ended"
                found = re.search(r"http://[0-9.]+:\d+", line)
            yield found[0]
        finally:
            process.kill()


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


def validated(address, name):
    for path, version in ("/openapi.json", "3.1."), ("/openapi-3.0.json", "3.0."):
        document = json.loads(get(address + path))
        assert document["openapi"].startswith(version), document["openapi"]
        validate(document)
        print(f"{name}: {path} is valid, {len(document['paths'])} paths")


def explored(address, folder):
    """Requests that fit the document and such that do not; the answers have to be those that it has."""
    command = [TOOLS / "schemathesis", "run", f"{address}/openapi.json", "--checks=all", "--max-examples=40"]
    command += ["--seed=1", "--request-timeout=10", "--no-color", "--generation-database=none"]
    done = subprocess.run(command, cwd=folder, timeout=240, capture_output=True, text=True, check=False)
    print(*done.stdout.splitlines()[-12:], sep="\n")
    assert done.returncode == 0, done.stdout + done.stderr


def talked_to(address, folder):
    """A client made from the document makes, reads, lists and removes a note, and gets problems as problems."""
    document = folder / "notes.json"
    document.write_bytes(get(f"{address}/openapi.json"))
    config = folder / "config.yml"
    # Without a formatter of its own, which would have to be on the path.
    config.write_text("post_hooks: []\n")
    client = folder / "notes_client"
    shutil.rmtree(client, ignore_errors=True)
    command = [TOOLS / "openapi-python-client", "generate", "--path", document, "--output-path", client]
    subprocess.run([*command, "--meta=none", "--config", config, "--fail-on-warning"], timeout=120, check=True)
    subprocess.run([sys.executable, HERE / "client.py", address], cwd=folder, timeout=60, check=True)


def main():
    examples, folder = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(path.stem for path in (ROOT / "examples").glob("*.rs") if "OpenApi::of" in path.read_text())
    assert "api" in names
    for name in names:
        with started(examples / name) as address:
            validated(address, name)
    with started(examples / "api") as address:
        explored(address, folder)
    with started(examples / "api") as address:
        talked_to(address, folder)


if __name__ == "__main__":
    main()
