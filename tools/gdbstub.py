# SPDX-License-Identifier: MIT
"""gdbstub.py - stop a machine at an address and change its memory

A client for the few packets of GDB's remote protocol that are needed here, over
the Unix socket of `qemu -S -gdb unix:PATH,server=on,wait=off`. A packet is
$data#checksum, and each side answers a good one with +.

See     GDB manual, appendix E (Remote Protocol)
"""

EAX, ESP, EIP = 0, 4, 8     # places of i386 registers in the g and G packets
INTERRUPT = b"\x03"


class Stub:
    """The machine as a debugger sees it, behind a connected socket."""

    def __init__(self, connection):
        self._socket = connection
        self._input = self._socket.makefile("rb")

    def close(self):
        self._input.close()
        self._socket.close()

    def ask(self, data):
        """Send a packet and return the answer's data."""
        self._send(data)
        return self._receive()

    def read_memory(self, address, size):
        return bytes.fromhex(self.ask(f"m{address:x},{size:x}"))

    def write_memory(self, address, data):
        self._demand_ok(f"M{address:x},{len(data):x}:{data.hex()}")

    def read_register(self, number):
        registers = bytes.fromhex(self.ask("g"))
        return int.from_bytes(registers[4 * number:4 * number + 4], "little")

    def write_register(self, number, value):
        registers = bytearray.fromhex(self.ask("g"))
        registers[4 * number:4 * number + 4] = value.to_bytes(4, "little")
        self._demand_ok(f"G{registers.hex()}")

    def run_to(self, address):
        """Continue until the instruction at address is next."""
        self._demand_ok(f"Z1,{address:x},1")
        stop = self.ask("c")
        assert stop.startswith("T05"), f"stopped with {stop}"
        assert self.read_register(EIP) == address
        self._demand_ok(f"z1,{address:x},1")

    def run_to_nth(self, address, count):
        """The same, the count-th time that it comes there."""
        for _ in range(count - 1):
            self.run_to(address)
            self.ask("s")               # from it, or it stops at once
        self.run_to(address)

    def interrupt(self):
        """Stop a machine that was let go by send_continue."""
        self._socket.sendall(INTERRUPT)
        return self._receive()

    def send_continue(self):
        """Let it go on, and do something else meanwhile."""
        self._send("c")

    def leave(self):
        """Detach: the machine goes on by itself."""
        try:
            self._demand_ok("D")
        except BrokenPipeError:
            pass                # it has ended before it heard our "+"

    def _demand_ok(self, data):
        answer = self.ask(data)
        assert answer == "OK", f"{data}: {answer}"

    def _send(self, data):
        body = data.encode("ascii")
        self._socket.sendall(b"$%s#%02x" % (body, sum(body) & 0xFF))

    def _receive(self):
        while self._byte() != b"$":     # acknowledgements stand in between
            pass
        data = b""
        while (byte := self._byte()) != b"#":
            data += byte
        self._input.read(2)             # the checksum: a Unix socket loses none
        self._socket.sendall(b"+")
        return data.decode("ascii")

    def _byte(self):
        byte = self._input.read(1)
        if not byte:
            raise ConnectionError("the machine is gone")
        return byte
