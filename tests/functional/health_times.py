"""Asks GET /health over one connection, again and again, until stdin ends; prints the times to the answers in ms.

Also measures by how much a thread that wants to sleep a millisecond oversleeps: what the machine alone adds.
"""

import json
import select
import socket
import sys
import time

PAUSE = 0.001
REQUEST = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def percentile(values, share):
    return round(sorted(values)[int(share * (len(values) - 1))], 3)


def read_answer(connection):
    text = b""
    while b"\r\n\r\n" not in text:
        text += connection.recv(4096)
    head, body = text.split(b"\r\n\r\n", 1)
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(4096)
    assert head.startswith(b"HTTP/1.1 200"), head


times, late = [], []
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while not (times and select.select([sys.stdin], [], [], 0)[0]):
        start = time.perf_counter()
        connection.sendall(REQUEST)
        read_answer(connection)
        times.append((time.perf_counter() - start) * 1e3)
        start = time.perf_counter()
        time.sleep(PAUSE)
        late.append((time.perf_counter() - start - PAUSE) * 1e3)
print(json.dumps({"count": len(times), "p50": percentile(times, 0.5), "p99": percentile(times, 0.99),
                  "idle_p99": percentile(late, 0.99)}))
