"""Browsers without a window, driven by what is built into them: Chromium by its DevTools protocol, Firefox by WebDriver
BiDi. Both are JSON over a WebSocket."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from websockets.sync.client import connect

LIMIT = 120


class Browser:
    """A browser with one page; `evaluate` runs JavaScript in it and waits for what it promises."""

    def __init__(self, program, options, profile):
        self.profile = profile
        self.process = subprocess.Popen(
            [program, *options], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()
        self.profile.cleanup()

    def connect(self, address):
        self.socket = connect(address, max_size=None, open_timeout=LIMIT, ping_interval=None)

    def ask(self, method, parameters, **more):
        """Sends a command, and gives its result. Events are passed over, but for one that is waited for."""
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters, **more}))
        while True:
            answer = json.loads(self.socket.recv(timeout=LIMIT))
            if answer.get("id") == self.count:
                assert "error" not in answer, answer
                return answer["result"]


class Chromium(Browser):
    NAMES = ["chromium", "chromium-browser", "google-chrome"]

    def __init__(self, program):
        profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-proxy-server"]
        options += ["--disable-dev-shm-usage", "--remote-debugging-port=0", f"--user-data-dir={profile.name}"]
        super().__init__(program, options, profile)
        self.connect(said(self.process, "DevTools listening on "))
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]

    def open(self, url):
        self.ask("Page.navigate", {"url": url}, sessionId=self.session)
        while self.evaluate("[location.href, document.readyState]") != [url, "complete"]:
            time.sleep(0.02)

    def evaluate(self, script):
        parameters = {"expression": script, "awaitPromise": True, "returnByValue": True}
        result = self.ask("Runtime.evaluate", parameters, sessionId=self.session)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")


class Firefox(Browser):
    NAMES = ["firefox-esr", "firefox"]

    def __init__(self, program):
        profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        # Nothing is fetched from elsewhere.
        settings = {"network.proxy.type": 0, "app.update.enabled": False}
        settings["datareporting.policy.dataSubmissionEnabled"] = False
        text = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in settings.items())
        pathlib.Path(profile.name, "user.js").write_text(text)
        options = ["--headless", "--no-remote", "--profile", profile.name, "--remote-debugging-port", "0"]
        super().__init__(program, options, profile)
        self.connect(said(self.process, "WebDriver BiDi listening on ") + "/session")
        self.ask("session.new", {"capabilities": {}})
        self.page = self.ask("browsingContext.getTree", {})["contexts"][0]["context"]

    def open(self, url):
        self.ask("browsingContext.navigate", {"context": self.page, "url": url, "wait": "complete"})

    def evaluate(self, script):
        # The value as text: BiDi's own form of values is another one.
        parameters = {"target": {"context": self.page}, "awaitPromise": True}
        script = f"Promise.resolve({script}).then(value => JSON.stringify(value ?? null))"
        result = self.ask("script.evaluate", {"expression": script, **parameters})
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])


def said(process, words):
    """What a process says behind these words."""
    for line in process.stderr:
        if words in line:
            return line.split(words)[1].strip()
    raise AssertionError(f"it ended and has not said {words!r}")


def find(browser, variable):
    """The program of a browser: the one of this variable, or one by its usual names."""
    names = [os.environ.get(variable), *browser.NAMES]
    return next((found for name in names if name and (found := shutil.which(name))), None)
