"""Trains the same networks in Chainrule and in its peers, by turns, and prints one table: `python3 benches/peers/run.py`.

Each system is a process of its own that stays for all workloads and is pinned to as many cores as it has threads. First it loads
rows, initial weights and an order of the rows from files that Chainrule wrote, trains one epoch in that order, and says its loss:
the losses of all must agree. Then come the rounds. In a round every system runs a few epochs, shuffling by itself, in turns that
begin with another system each time, while all others stand still; its time is their median. Ratios are taken within a round, and
the table has the medians of the ratios over the rounds with their quartiles.

Between the turns Chainrule's process runs a loop of multiply-adds that never leave the registers: the peak. The limit of a
workload is what its matrix products would take at that peak.

Only the standard library is needed here; `setup.py` gets the rest.
"""

import argparse
import contextlib
import os
import pathlib
import platform
import statistics
import sys
import tempfile

import setup
from child import Child, Gone
from setup import say

HERE = pathlib.Path(__file__).resolve().parent

# Each peer: its package in Python, and its command after the interpreter.
PYTHON = {
    "jax": ("jax", ["jax_peer.py"], ["jax"]),
    "jax-numpy": ("jax", ["jax_peer.py"], ["numpy"]),
    "torch": ("torch", ["torch_peer.py"], ["eager"]),
    "torch-compile": ("torch", ["torch_peer.py"], ["compile"]),
    "sklearn": ("scikit-learn", ["sklearn_peer.py"], []),
}
TITLES = {
    "chainrule": "Chainrule",
    "jax": "JAX, whole epoch compiled",
    "jax-numpy": "JAX, order from NumPy",
    "torch": "PyTorch, eager",
    "torch-compile": "PyTorch, compiled",
    "sklearn": "scikit-learn",
    "burn": "burn, flex",
}
# Losses after an epoch in the same order from the same weights differ by less, relatively.
AGREEMENT = 1e-4


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    listed = lambda text: text.split(",")
    parser.add_argument("--workloads", type=listed, help="names with commas between them [default: all]")
    parser.add_argument("--threads", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--peers", type=listed, default=[*PYTHON, "burn"], help=",".join([*PYTHON, "burn"]))
    parser.add_argument("--cpus", type=listed, help="the cores to pin to [default: the first ones]")
    parser.add_argument("--venv", help="a virtual environment that is there [default: one in target/peers]")
    chosen = parser.parse_args()
    for name in chosen.peers:
        if name not in TITLES:
            parser.error(f"no peer {name}; there are {', '.join([*PYTHON, 'burn'])}")
    return chosen


def commands(chosen):
    """The command of each system that can run, as a function of its threads, and the names of those that cannot."""
    found = {"chainrule": lambda threads, path=setup.chainrule(): [path]}
    packages = sorted({PYTHON[name][0] for name in chosen.peers if name in PYTHON})
    if packages:
        interpreter, there = setup.python(chosen.venv, packages)
        for name in (name for name in chosen.peers if name in PYTHON and PYTHON[name][0] in there):
            _, [script], rest = PYTHON[name]
            found[name] = lambda threads, script=script, rest=rest: [interpreter, HERE / script, threads, *rest]
    path = setup.burn() if "burn" in chosen.peers else None
    if path:
        found["burn"] = lambda threads: [path]
    return found, [name for name in chosen.peers if name not in found]


def load(children, work, folder, notes):
    """Every child trains an epoch in the same order: those whose losses agree with Chainrule's."""
    wanted, loaded = None, []
    for child in children:
        child.go()
        try:
            loss = float(child.ask(f"load {work['line']} data={folder} threads={child.threads}", "loss"))
        except (Gone, BrokenPipeError) as error:
            notes.append(f"{work['name']}: {error}")
            continue
        finally:
            child.stop()
        wanted = loss if wanted is None else wanted
        difference = abs(loss - wanted) / abs(wanted)
        say(f"{work['name']:8} {child.name:14} {child.threads} threads: loss {loss:.8g} ({difference:.1e})")
        if not difference < AGREEMENT:
            notes.append(f"{work['name']}: the loss of {child.name} is {loss}, Chainrule's {wanted}")
        loaded.append(child)
    return loaded


def turn(child):
    """A system's time for an epoch within a round, and for Chainrule the peak beside it."""
    child.go()
    try:
        time = statistics.median(child.epochs())
        peak = float(child.ask(f"peak {child.threads} 20", "peak")) if child.name == "chainrule" else None
        return time, peak
    finally:
        child.stop()


def round_of(children, first):
    """One round: (name, threads) to time and peak."""
    order = children[first % len(children) :] + children[: first % len(children)]
    return {(child.name, child.threads): turn(child) for child in order}


def spread(values):
    """The median and the quartiles."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return middle, low, high


def milliseconds(seconds):
    return f"{seconds * 1e3:.2f}" if seconds < 0.1 else f"{seconds * 1e3:.0f}"


def table(results, threads, systems):
    """The table of a number of threads, in Markdown."""
    peers = [name for name in systems if name != "chainrule"]
    titles = ["work", "Chainrule"] + [TITLES[name] for name in peers]
    titles += ["best peer / Chainrule", "GFLOP/s", "peak", "limit", "reached"]
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for work, rounds in results:
        key = ("chainrule", threads)
        rounds = [times for times in rounds if key in times]
        if not rounds:
            continue
        own = statistics.median(times[key][0] for times in rounds)
        peak = statistics.median(times[key][1] for times in rounds)
        reached = statistics.median(work["operations"] / (times[key][0] * times[key][1]) for times in rounds)
        cells, best = [], []
        for name in peers:
            if (name, threads) not in rounds[0]:
                cells.append("missing")
                continue
            ratio, low, high = spread([times[name, threads][0] / times[key][0] for times in rounds])
            time = statistics.median(times[name, threads][0] for times in rounds)
            cells.append(f"{milliseconds(time)}; {ratio:.2f} ({low:.2f} to {high:.2f})")
            best.append((ratio, TITLES[name]))
        best = "{0:.2f} ({1})".format(*min(best)) if best else "missing"
        speed, limit = work["operations"] / own / 1e9, milliseconds(work["operations"] / peak)
        numbers = [f"{speed:.1f}", f"{peak / 1e9:.1f}", limit, f"{reached:.1%}"]
        lines.append("| " + " | ".join([work["name"], milliseconds(own), *cells, best, *numbers]) + " |")
    return "\n".join(lines)


def scaling(results, threads, base):
    """What more threads bring: Chainrule, two loops of the machine at once, and the best peer at its best number of threads."""
    title = f"| work | Chainrule's speed-up | the loop's | best peer at its best threads / Chainrule with {threads} |"
    lines = [title, "|---|---|---|---|"]
    for work, rounds in results:
        one, more = ("chainrule", base), ("chainrule", threads)
        rounds = [times for times in rounds if one in times and more in times]
        if not rounds:
            continue
        own = "{0:.2f} ({1:.2f} to {2:.2f})".format(*spread([times[one][0] / times[more][0] for times in rounds]))
        loop = statistics.median(times[more][1] / times[one][1] for times in rounds)
        ratios = []
        for name, n in (key for key in rounds[0] if key[0] != "chainrule"):
            ratios.append((*spread([times[name, n][0] / times[more][0] for times in rounds]), TITLES[name], n))
        best = "{0:.2f} ({1:.2f} to {2:.2f}), {3}, {4} thread(s)".format(*min(ratios)) if ratios else "missing"
        lines.append(f"| {work['name']} | {own} | {loop:.2f} | {best} |")
    return "\n".join(lines)


def machine():
    """The processor and the system in a line."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        found = {line.split(":")[0].strip(): line.split(":")[1].strip() for line in lines if ":" in line}
        model = f"{found['model name']} (family {found['cpu family']}, model {found['model']})"
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def main():
    chosen = options()
    cpus = chosen.cpus and [int(cpu) for cpu in chosen.cpus]
    cpus = cpus or sorted(getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count()))(0))
    found, missing = commands(chosen)
    notes = [f"{name} is missing: it could not be installed" for name in missing]
    for threads in [threads for threads in chosen.threads if threads > len(cpus)]:
        notes.append(f"{threads} threads are missing: there are {len(cpus)} cores")
    counts = [threads for threads in chosen.threads if threads <= len(cpus)]
    children = []
    for threads in counts:
        for name, command in found.items():
            try:
                children.append(Child(name, command(threads), threads, cpus))
            except (Gone, OSError) as error:
                notes.append(f"{name} with {threads} threads is missing: {error}")
    own = next(child for child in children if child.name == "chainrule")
    results = []
    with tempfile.TemporaryDirectory(dir=setup.PEERS) as folder:
        for work in workloads(own, chosen.workloads):
            own.go()
            own.ask(f"export {work['name']} {folder}", "done")
            loaded = load(children, work, folder, notes)
            rounds = []
            for first in range(chosen.rounds):
                rounds.append(round_of(loaded, first))
            results.append((work, rounds))
    print(f"{machine()}\n\n" + ", ".join(dict.fromkeys(child.version for child in children)))
    systems = ["chainrule", *chosen.peers]
    for threads in counts:
        print(f"\nThreads: {threads}. Milliseconds an epoch; then its ratio to Chainrule's, with the quartiles.\n")
        print(table(results, threads, systems))
    for threads in counts[1:]:
        print(f"\nFrom {counts[0]} to {threads} threads\n\n" + scaling(results, threads, counts[0]))
    for note in notes:
        print(f"\nnote: {note}")
    for child in children:
        child.end()
    sys.exit(1 if notes else 0)


def workloads(own, names):
    """The workloads that Chainrule lists."""
    own.go()
    works, count = [], int(own.ask("list", "count"))
    for line in [own.expect("work") for _ in range(count)]:
        keys = dict(part.split("=", 1) for part in line.split())
        works.append({"name": keys["name"], "line": line, "operations": float(keys["operations"])})
    return [work for work in works if not names or work["name"] in names]


if __name__ == "__main__":
    main()
