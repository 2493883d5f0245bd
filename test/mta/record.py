# SPDX-License-Identifier: BSD-2-Clause
"""What an MTA says to a milter, packet by packet, as text.

Recorder stands between the MTA and the filter and writes each packet of both
sides as one line; test/mta/replay.c plays such a text to the daemon without an
MTA, and its head comment is the format's. What differs from run to run (queue
ids, ports, names of programs) is put into one form.
"""
import os
import re
import socket
import struct
import threading

STAGES = ["connect", "helo", "mail", "rcpt", "data", "eom", "eoh"]
# Values that only say which machine and which version this was.
VOLATILE = {b"v": b"MTA", b"{client_port}": b"12345", b"{daemon_port}": b"25",
            b"{daemon_name}": b"MTA", b"b": b"DATE", b"{tls_version}": b""}
RUN = 64


def escape(data):
    """One line of ASCII: \\0 \\n \\r \\t \\\\ \\xHH, and \\*N*c for N times c."""
    names = {0: r"\0", 10: r"\n", 13: r"\r", 9: r"\t", 92: r"\\"}

    def one(c):
        return names.get(c) or (chr(c) if 32 <= c < 127 else f"\\x{c:02x}")
    out = ""
    for run in re.finditer(rb"(.)\1*", data, re.S):
        n = len(run.group(0))
        out += f"\\*{n}*{one(run.group(1)[0])}" if n >= RUN else one(run.group(1)[0]) * n
    return out[:-1] + r"\x20" if out.endswith(" ") else out


def words(data):
    """The NUL-ended words of a packet."""
    return data.split(b"\0")[:-1]


class Normal:
    """Puts what differs from run to run into one form."""

    def __init__(self):
        self.ids = {}

    def macro(self, name, value):
        if name == b"i":
            return self.ids.setdefault(value, b"QUEUE%d" % (len(self.ids) + 1))
        return VOLATILE.get(name, value)

    def macros(self, data):
        pairs = words(data[1:])
        out = [data[:1].decode() + " "]
        for name, value in zip(pairs[::2], pairs[1::2]):
            out.append(escape(name + b"\0" + self.macro(name, value) + b"\0"))
        return "".join(out)

    def negotiation(self, data):
        out = "%d 0x%x 0x%x" % struct.unpack("!III", data[:12])
        data = data[12:]
        while len(data) > 4:
            stage = struct.unpack("!I", data[:4])[0]
            names, data = data[4:].split(b"\0", 1)
            out += f' {STAGES[stage]}="{names.decode()}"'
        return out

    @staticmethod
    def client(data):
        name, rest = data.split(b"\0", 1)
        if rest[:1] == b"U":
            return f"{name.decode()} U"
        return f"{name.decode()} {rest[:1].decode()} 12345 {rest[3:-1].decode()}"

    def line(self, side, command, data):
        if command == b"O":
            text = self.negotiation(data)
        elif side == ">" and command == b"D":
            text = self.macros(data)
        elif side == ">" and command == b"C":
            text = self.client(data)
        else:
            for real, name in self.ids.items():
                data = data.replace(real, name)
            text = escape(data)
        return f"{side} {command.decode()} {text}".rstrip(" ")


class Recorder:
    """Listens at `own` and passes on to the filter at `to` (both unix:PATH or
    inet:PORT@HOST); the (actions, steps) that start() hides are not offered."""

    def __init__(self, own, to):
        self.to, self.hidden = to, (0, 0)
        self.lock = threading.Lock()
        self.sessions, self.open = [], 0
        self.normal = Normal()
        self.listener = self._socket(own, lambda s, where: s.bind(where))
        if own.startswith("unix:"):
            os.chmod(own[5:], 0o666)
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    @staticmethod
    def _socket(text, use):
        kind, where = text.split(":", 1)
        if kind == "inet":
            port, host = where.split("@")
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            use(s, (host, int(port)))
        else:
            s = socket.socket(socket.AF_UNIX)
            use(s, where)
        return s

    def start(self, hidden=(0, 0)):
        with self.lock:
            self.sessions, self.normal, self.hidden = [], Normal(), hidden

    def lines(self):
        """Connection by connection: one that the MTA leaves for the next may
        still be read when that one begins."""
        with self.lock:
            return [line for session in self.sessions for line in session]

    def is_quiet(self):
        with self.lock:
            return self.open == 0

    def _accept(self):
        while True:
            try:
                mta = self.listener.accept()[0]
            except OSError:
                return
            to = self._socket(self.to, lambda s, where: s.connect(where))
            lines = ["> connects"]
            with self.lock:
                self.sessions.append(lines)
                self.open += 1
            for side, a, b in ((">", mta, to), ("<", to, mta)):
                threading.Thread(target=self._carry, args=(side, a, b, lines),
                                 daemon=True).start()

    @staticmethod
    def _exactly(s, n):
        parts = []
        while n > 0:
            part = s.recv(n)
            if not part:
                raise EOFError
            parts.append(part)
            n -= len(part)
        return b"".join(parts)

    def _carry(self, side, a, b, lines):
        try:
            while True:
                size = self._exactly(a, 4)
                packet = self._exactly(a, struct.unpack("!I", size)[0])
                if side == ">" and packet[:1] == b"O":
                    version, actions, steps = struct.unpack("!III", packet[1:13])
                    packet = packet[:1] + struct.pack("!III", version,
                        actions & ~self.hidden[0], steps & ~self.hidden[1])
                with self.lock:
                    lines.append(self.normal.line(side, packet[:1], packet[1:]))
                b.sendall(size + packet)
        except (EOFError, OSError):
            pass
        try:
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        if side == ">":
            with self.lock:
                lines.append("> hangs up")
                self.open -= 1

    def close(self):
        self.listener.close()


def facts(lines):
    """What must not differ from one recording to the next: all that the MTA
    says, but for the values of macros and of signatures made anew, and which
    answers it got."""
    out = []
    for line in lines:
        if line.startswith("> D "):
            names = line[6:].split(r"\0")[:-1:2]
            out.append(f"{line[:5]} {' '.join(sorted(names))}")
        elif re.match(r"> L DKIM-Signature\\0", line, re.I):
            out.append("> L " + line[4:18])
        elif line.startswith("> "):
            out.append(line)
        elif line.startswith("< "):
            out.append(line[:3])
    return out
