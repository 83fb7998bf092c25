"""The peak of resident memory while training, minus the table: Chainrule beside PyTorch: `python3 benches/peers/memory.py`.

For PyTorch also without what the process holds before there is a table. Linux only.
"""

import argparse
import pathlib
import subprocess

import setup

HERE = pathlib.Path(__file__).resolve().parent
NARROW, WIDE = "8,64,64,1", "8,2048,2048,1"
# Rows, units, rows of a batch.
RUNS = [(4_000_000, NARROW, batch) for batch in ("1000", "10000", "100000", "1000000", "full")]
# Its weights alone are 16 MiB, more than a second-level cache.
RUNS += [(100_000, WIDE, batch) for batch in ("1000", "10000", "full")]


def measure(command):
    """The table, the peak, and what was there before, where it is told; None where the process failed."""
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if run.returncode != 0:
        return None
    words = run.stdout.split()
    return {name: int(number) for name, number in zip(words[::2], words[1::2])}


def shown(measured, less=0):
    return f"{(measured['peak'] - measured['table'] - less) / 1e6:.1f}" if measured else "failed"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--venv", help="a virtual environment that is there [default: one in target/peers]")
    parser.add_argument("--no-peers", action="store_true", help="Chainrule alone")
    chosen = parser.parse_args()
    own = setup.chainrule("memory")
    interpreter, there = (None, []) if chosen.no_peers else setup.python(chosen.venv, ["torch"])
    print("| rows | network | batch | table, MB | Chainrule: peak - table, MB | PyTorch | PyTorch without itself |")
    print("|---|---|---|---|---|---|---|")
    for rows, units, batch in RUNS:
        ours = measure([own, rows, units, batch])
        peer = measure([interpreter, HERE / "memory_peer.py", rows, units, batch]) if there else None
        table = f"{ours['table'] / 1e6:.0f}" if ours else "failed"
        peers = [shown(peer), shown(peer, peer["before"])] if peer else ["missing"] * 2
        cells = [f"{rows:,}", units.replace(",", "-"), batch, table, shown(ours), *peers]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
