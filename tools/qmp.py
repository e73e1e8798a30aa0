# SPDX-License-Identifier: MIT
"""qmp.py - look at a running machine through QEMU's control socket

A client for `qemu -qmp unix:PATH,server=on,wait=off`: one JSON object a line,
each command answered by "return" or "error", events in between.

See     QEMU's documentation, "QMP reference"
"""

import json
import socket
import time

SCREEN, COLUMNS, ROWS = 0xB8000, 80, 25


class Monitor:
    """QEMU's monitor, behind a connected socket."""

    def __init__(self, connection):
        self._socket = connection
        self._rest = b""
        self._events = []
        self._receive()                         # the greeting
        self.command("qmp_capabilities")

    def close(self):
        self._socket.close()

    def patience(self, seconds):
        """How long an answer or an event may take: then socket.timeout."""
        self._socket.settimeout(seconds)

    def _receive(self):
        while b"\n" not in self._rest:
            chunk = self._socket.recv(1 << 16)
            if not chunk:
                raise ConnectionError("the machine is gone")
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return json.loads(line)

    def fileno(self):
        return self._socket.fileno()

    def command(self, name, **arguments):
        self.send(name, **arguments)
        return self.answer()

    def send(self, name, **arguments):
        """Ask, and do something else before the answer."""
        request = {"execute": name, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")

    def answer(self):
        while True:
            answer = self._receive()
            if "event" in answer:
                self._events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"QEMU: {answer['error']['desc']}")
            else:
                return answer["return"]

    def human(self, line):
        """The answer of QEMU's other monitor, the one for people."""
        return self.command("human-monitor-command", **{"command-line": line})

    def seen(self, event):
        """Has QEMU said so already? Events come with the next answer."""
        return any(answer["event"] == event for answer in self._events)

    def wait_for(self, event):
        """What QEMU says with the event, which may have come already."""
        while True:
            for number, answer in enumerate(self._events):
                if answer["event"] == event:
                    return self._events.pop(number).get("data", {})
            answer = self._receive()
            if "event" in answer:
                self._events.append(answer)

    def screen(self, scratch):
        """The lines of the VGA text screen; scratch is a file to write to."""
        self.command("pmemsave", val=SCREEN, size=2 * COLUMNS * ROWS,
                     filename=str(scratch))
        text = scratch.read_bytes()[::2].decode("ascii", "replace")
        return [text[at:at + COLUMNS].rstrip()
                for at in range(0, COLUMNS * ROWS, COLUMNS)]


def connect(path, is_running, seconds):
    """To a QEMU that may not have made its socket yet."""
    patience = time.monotonic() + seconds
    while is_running() and time.monotonic() < patience:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(seconds)
        try:
            connection.connect(str(path))
            return Monitor(connection)
        except (FileNotFoundError, ConnectionError):
            connection.close()
        time.sleep(0.01)
    raise ConnectionError("it did not start")
