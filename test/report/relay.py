# SPDX-License-Identifier: BSD-2-Clause
"""An SMTP server for transport.py: it relays nothing, and misbehaves as told.

Each connection follows a script: a dict of what to answer at a step instead of
the usual. Steps: greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, message,
QUIT. An answer is bytes, or HANG (no answer until the client goes), or DROP
(the connection ends without an answer)."""
import base64
import socket
import ssl
import threading

HANG, DROP = "hang", "drop"
# What is no bytes is pieces to send, and then the connection ends, as it does
# after 421.
USUAL = {
    "greeting": b"220 relay.example ready\r\n",
    "STARTTLS": b"220 2.0.0 go on\r\n",
    "MAIL": b"250 2.1.0 ok\r\n",
    "RCPT": b"250 2.1.5 ok\r\n",
    "DATA": b"354 go on\r\n",
    "message": b"250 2.0.0 taken as 4711\r\n",
    "QUIT": b"221 2.0.0 bye\r\n",
}


class Gone(Exception):
    pass


class Relay:
    """Serves one connection after the other, until close(). scripts: one for
    each connection; the last one stays."""

    def __init__(self, scripts=({},), tls=None, offers=(), users=None,
                 is_implicit=False, family=socket.AF_INET):
        self.scripts, self.tls, self.offers = scripts, tls, offers
        self.users = users or {}
        self.is_implicit = is_implicit  # TLS from the first byte
        self.connections = 0
        self.lines, self.messages = [], []  # of clients
        self.raw = []  # messages as they came, dots stuffed
        self.stop = threading.Event()
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        host = "127.0.0.1" if family == socket.AF_INET else "::1"
        self.listener.bind((host, 0))
        self.listener.listen(8)
        self.listener.settimeout(0.05)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def close(self):
        self.stop.set()
        self.thread.join()
        self.listener.close()

    def run(self):
        while not self.stop.is_set():
            try:
                peer, _ = self.listener.accept()
            except socket.timeout:
                continue
            script = self.scripts[min(self.connections,
                                      len(self.scripts) - 1)]
            self.connections += 1
            try:
                Dialogue(self, peer, script).run()
            except (Gone, OSError):
                pass


class Dialogue:
    def __init__(self, relay, peer, script):
        self.relay, self.peer, self.script = relay, peer, script
        self.buffer = b""
        self.is_safe = False
        # Longer than any client may take: who hangs here waits for it to end.
        peer.settimeout(600)

    def run(self):
        try:
            if self.relay.is_implicit:
                self.secure()
            self.answer("greeting")
            while True:
                self.command(self.line())
        finally:
            self.peer.close()

    def secure(self):
        self.peer = self.relay.tls.wrap_socket(self.peer, server_side=True)
        self.is_safe = True

    def line(self, end=b"\r\n"):
        while end not in self.buffer:
            more = self.peer.recv(65536)
            if not more:
                raise Gone
            self.buffer += more
        line, self.buffer = self.buffer.split(end, 1)
        return line

    def hang(self):
        # Until the client closes, whatever it still sends.
        while not self.relay.stop.is_set():
            if not self.peer.recv(65536):
                break
        raise Gone

    def answer(self, step, usual=None):
        reply = self.script.get(step, usual or USUAL.get(step))
        if reply == HANG:
            self.hang()
        if reply == DROP:
            raise Gone
        for piece in [reply] if isinstance(reply, bytes) else reply:
            self.peer.sendall(piece)
        if not isinstance(reply, bytes) or reply.startswith(b"421"):
            raise Gone
        return reply[:1] in b"23"

    def command(self, line):
        self.relay.lines.append(line.decode("latin-1"))
        verb = line.split(b" ")[0].split(b":")[0].upper().decode("latin-1")
        if verb in ("EHLO", "HELO"):
            offers = ["relay.example", *self.relay.offers]
            if self.relay.tls and not self.is_safe:
                offers.append("STARTTLS")
            if self.relay.users and self.is_safe:
                offers.append("AUTH " + self.script.get("mechanisms", "PLAIN"))
            lines = [f"250-{o}" for o in offers[:-1]] + [f"250 {offers[-1]}"]
            self.answer("EHLO", "".join(x + "\r\n" for x in lines).encode())
        elif verb == "STARTTLS":
            if self.answer("STARTTLS"):
                self.secure()
        elif verb == "AUTH":
            self.auth(line.decode())
        elif verb == "DATA":
            if self.answer("DATA"):
                self.message()
        elif verb == "QUIT":
            self.answer("QUIT")
            raise Gone
        elif verb in USUAL:
            self.answer(verb)
        else:
            self.peer.sendall(b"500 5.5.1 what?\r\n")

    def ask(self, what):
        self.peer.sendall(b"334 " + base64.b64encode(what) + b"\r\n")
        return base64.b64decode(self.line())

    def auth(self, line):
        words = line.split(" ")
        if words[1] == "PLAIN":
            given = base64.b64decode(words[2]) if len(words) > 2 else \
                self.ask(b"")
            _, user, password = given.decode().split("\0")
        else:
            user = (base64.b64decode(words[2]) if len(words) > 2 else
                    self.ask(b"Username:")).decode()
            password = self.ask(b"Password:").decode()
        is_right = self.relay.users.get(user) == password
        self.answer("AUTH", b"235 2.7.0 welcome\r\n" if is_right else
                    b"535 5.7.8 no such user or password\r\n")

    def message(self):
        raw = self.line(b"\r\n.\r\n") + b"\r\n"
        self.relay.raw.append(raw)
        lines = raw.split(b"\r\n")
        self.relay.messages.append(b"\r\n".join(
            x[1:] if x.startswith(b".") else x for x in lines))
        self.answer("message")
