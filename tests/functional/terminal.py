#!/usr/bin/env python3
"""Runs a program on a pseudo-terminal, types what it is told and prints what came.

Usage: terminal.py PROGRAM [ARGUMENT...] with steps on stdin, a JSON array of [what to wait for, what to type].
Prints one JSON object: code, output. A step that waits in vain ends the program and gives code null.
"""
import json
import os
import pty
import select
import signal
import sys
import time

PATIENCE = 30


def read_some(terminal, until):
    """The next bytes; None at the end, b"" where the time is over."""
    ready, _, _ = select.select([terminal], [], [], max(0, until - time.monotonic()))
    if not ready:
        return b""
    try:
        return os.read(terminal, 65536) or None
    except OSError:  # Linux's way to say that nobody has the other end open
        return None


def wait_for(terminal, wanted, output, start):
    until = time.monotonic() + PATIENCE
    while wanted not in output[start:]:
        more = read_some(terminal, until)
        if not more:
            return -1
        output += more
    return output.index(wanted, start) + len(wanted)


def play(terminal, steps, output):
    seen = 0
    for wanted, typed in steps:
        seen = wait_for(terminal, wanted.encode(), output, seen)
        if seen < 0:
            return False
        os.write(terminal, typed.encode())
    until = time.monotonic() + PATIENCE
    while (more := read_some(terminal, until)) is not None:
        if not more:
            return False
        output += more
    return True


def main():
    steps = json.load(sys.stdin)
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    output = bytearray()
    finished = play(terminal, steps, output)
    if not finished:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status) if finished else None
    print(json.dumps({"code": code, "output": output.decode(errors="replace")}))


main()
