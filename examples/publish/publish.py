#!/usr/bin/env python3
"""Publishes one ticket event with the standard library: NATS is a line protocol over a socket.

Usage: [NATS_URL=nats://crm:password@host:4222] ./publish.py [e-mail address] [ticket number]
"""
import json, os, pathlib, socket, ssl, sys, time, uuid
from urllib.parse import unquote, urlparse

email, number = (sys.argv[1:] + ["jana@example.com", "7K4M2Q"][len(sys.argv) - 1:])[:2]
up = pathlib.Path(__file__).resolve().parents[2] / ".bellhop" / "up.json"
url = urlparse(os.environ.get("NATS_URL") or json.loads(up.read_text())["nats"])

event = json.dumps({
    "specversion": "1.0", "id": str(uuid.uuid4()), "source": "urn:example:crm", "type": "ticket.replied.v1",
    "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    "data": {
        "ticket": {"id": f"crm-{number}", "number": number, "status": "open", "category": "trading",
                   "priority": "normal", "version": int(time.time()), "url": f"https://crm.example.com/t/{number}"},
        "requester": {"kind": "guest", "email": email, "locale": "pl"},
        "actor": {"kind": "agent", "id": "agent-7"}, "message": {"id": "m-1"}}}).encode()

connection = socket.create_connection((url.hostname, url.port or 4222), timeout=5)
# The server speaks first. One that asks for TLS must not hear the password in clear.
info = json.loads(connection.makefile("rb", buffering=0).readline().removeprefix(b"INFO "))
if url.scheme == "tls" or info.get("tls_required") or info.get("tls_available"):
    connection = ssl.create_default_context().wrap_socket(connection, server_hostname=url.hostname)
hello = json.dumps({"user": unquote(url.username), "pass": unquote(url.password), "verbose": False}).encode()
connection.sendall(b"CONNECT %s\r\nPING\r\n" % hello)
for line in connection.makefile("rb"):
    if line.startswith(b"PONG"):
        # The reply subject asks the stream for its acknowledgement: only then is the event safe.
        connection.sendall(b"SUB _INBOX.ack 1\r\nPUB inbound.crm.tickets.v1.replied _INBOX.ack %d\r\n%s\r\n"
                           % (len(event), event))
    if b'"seq"' in line:
        sys.exit(print("stored:", line.decode().strip()))
    if line.startswith(b"-ERR") or b'"error"' in line:
        sys.exit("refused: " + line.decode().strip())
sys.exit("the connection ended without an acknowledgement: publish again, with the same id")
