"""Nodes as processes of their own, in the hands of a test."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from loomweave.runtime.client import Client, NodeUnreachable
from tests.repo.tree import ROOT

START_S = 10.0
"""How long a node may take until it answers, on a busy computer."""


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def environment() -> dict[str, str]:
    """Let a child process import what this one imports."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "sim")])}


def wait_for(what: str, is_so: Callable[[], bool], limit_s: float) -> None:
    """Wait until something is so, or fail with a sentence."""
    end_s = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end_s, f"{what}: not within {limit_s} s"
        time.sleep(0.05)


class NodeProcess:
    """One `loomweave node`, which can be killed and started again on its folder."""

    def __init__(self, folder: Path, port: int, *peers: int) -> None:
        self.folder = folder
        self.port = port
        self.url = f"ws://127.0.0.1:{port}"
        self.log = folder.with_suffix(".log")
        listed = [word for peer in peers for word in ("--peer", f"ws://127.0.0.1:{peer}")]
        self._command = [sys.executable, "-m", "loomweave", "node", "--data", str(folder)]
        self._command += ["--listen", f"127.0.0.1:{port}", *listed]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; `client` waits until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stderr=log, stdout=log, env=environment(), cwd=self.folder.parent
            )

    def client(self) -> Client:
        """Connect as a client, as soon as the node answers."""
        end_s = time.monotonic() + START_S
        while True:
            try:
                return Client(self.url)
            except NodeUnreachable:
                assert self._process is not None and self._process.poll() is None, self.story()
                assert time.monotonic() < end_s, f"no answer within {START_S} s\n{self.story()}"
                time.sleep(0.05)

    def kill(self) -> None:
        """Kill the process as a power cut would."""
        assert self._process is not None, "it was started"
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(5)

    def stop(self) -> int:
        """Ask the process to end, and return its exit status."""
        assert self._process is not None, "it was started"
        self._process.terminate()
        return self._process.wait(10)

    def end(self) -> None:
        """Make sure that nothing is left running."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def story(self) -> str:
        """Return what the node wrote for its operator."""
        return self.log.read_text() if self.log.exists() else ""
