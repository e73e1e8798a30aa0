# SPDX-License-Identifier: MIT
"""qmp.py - look at a running machine through QEMU's control socket

A client for `qemu -qmp unix:PATH,server=on,wait=off`: one JSON object a line,
each command answered by "return" or "error", events in between.

See     QEMU's documentation, "QMP reference"
"""

import json

SCREEN, COLUMNS, ROWS = 0xB8000, 80, 25


class Monitor:
    """QEMU's monitor, behind a connected socket."""

    def __init__(self, connection):
        self._socket = connection
        self._input = self._socket.makefile("r", encoding="utf-8")
        self._events = []
        self._receive()                         # the greeting
        self.command("qmp_capabilities")

    def close(self):
        self._input.close()
        self._socket.close()

    def _receive(self):
        line = self._input.readline()
        if not line:
            raise ConnectionError("the machine is gone")
        return json.loads(line)

    def command(self, name, **arguments):
        request = {"execute": name, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            answer = self._receive()
            if "event" in answer:
                self._events.append(answer["event"])
            elif "error" in answer:
                raise RuntimeError(f"{name}: {answer['error']}")
            else:
                return answer["return"]

    def wait_for(self, event):
        while event not in self._events:
            answer = self._receive()
            if "event" in answer:
                self._events.append(answer["event"])

    def screen(self, scratch):
        """The lines of the VGA text screen; scratch is a file to write to."""
        self.command("pmemsave", val=SCREEN, size=2 * COLUMNS * ROWS,
                     filename=str(scratch))
        text = scratch.read_bytes()[::2].decode("ascii", "replace")
        return [text[at:at + COLUMNS].rstrip()
                for at in range(0, COLUMNS * ROWS, COLUMNS)]
