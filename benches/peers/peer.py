"""What every Python peer shares: the commands on standard input, and the rows, parameters and order of a folder.

A peer is a class that is made from a `Work` and has two methods: `epoch(order)`, one epoch over the rows in an order, or over the
rows shuffled by itself where that is None and there is more than one batch; and `loss()`, the sum of squares over all rows divided by their number.
"""

import sys
import time

import numpy


class Work:
    """A workload as `run.py` describes it, with its numbers."""

    def __init__(self, keys):
        keys = dict(part.split("=", 1) for part in keys)
        self.units = [int(units) for units in keys["units"].split(",")]
        self.activation = keys["activation"]
        self.batch, self.rows = int(keys["batch"]), int(keys["rows"])
        self.adam = keys["optimizer"] == "adam"
        self.rate = float(keys["rate"])
        read = lambda name, kind: numpy.fromfile(f"{keys['data']}/{name}", dtype=kind)
        self.x = read("x.f32", "<f4").reshape(self.rows, self.units[0])
        self.y = read("y.f32", "<f4").reshape(self.rows, self.units[-1])
        self.order = read("order.u32", "<u4").astype(numpy.int64)
        flat, start = read("parameters.f32", "<f4"), 0
        self.layers = []
        for a, b in zip(self.units, self.units[1:]):
            weights = flat[start : start + a * b].reshape(a, b)
            self.layers.append((weights, flat[start + a * b : start + a * b + b]))
            start += a * b + b


def serve(version, peer):
    """Answers commands until there are no more."""
    answer = lambda text: print(text, flush=True)
    answer(f"version {version}")
    loaded = None
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "load":
            work = Work(rest)
            loaded = peer(work)
            loaded.epoch(work.order)
            answer(f"loss {float(loaded.loss()):.9g}")
            for _ in range(2):
                loaded.epoch(None)
        elif command == "epoch":
            before = time.perf_counter()
            loaded.epoch(None)
            answer(f"seconds {time.perf_counter() - before:.9g}")
        else:
            sys.exit(f"no command {line}")
