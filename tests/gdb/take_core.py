# SPDX-License-Identifier: MIT
"""take_core.py - what GDB's `shell` runs for a core of the stopped machine

    python3 tests/gdb/take_core.py SOCKET FILE      SOCKET is QEMU's QMP
"""

import pathlib
import sys

sys.path.insert(0, "tools")

import core                             # noqa: E402 - they need the path
import qmp                              # noqa: E402


def main():
    control, path = sys.argv[1:]
    monitor = qmp.connect(control, lambda: True, core.PATIENCE)
    core.write_core(monitor, pathlib.Path(path))
    monitor.close()


if __name__ == "__main__":
    main()
