"""What the scripts that measure share."""
import socket
import statistics


def spread(values):
    """Median and range."""
    return f"{statistics.median(values):.4g} ({min(values):.4g}–{max(values):.4g})"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
