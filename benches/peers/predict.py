"""Predicts with the same networks in Chainrule, PyTorch and onnxruntime, by turns: `python3 benches/peers/predict.py`.

Chainrule's time is that of `Model::predict`: from rows in double precision and the table's units to predictions likewise. The
peers are given rows in single precision. Ratios are taken within a round; the table has their medians and quartiles.
"""

import argparse
import os
import pathlib
import sys
import tempfile

import setup
from child import Child, Gone
from run import machine, spread

HERE = pathlib.Path(__file__).resolve().parent
# Networks by the name of their workload: units, activation, rows to predict.
NETWORKS = {
    "small": ("8,64,64,1", "relu", 1_000_000),
    "full": ("8,64,64,1", "tanh", 1_000_000),
    "medium": ("784,128,64,10", "relu", 50_000),
}
PEERS = {"torch": "torch", "onnxruntime": "onnxruntime"}


def turn(child, command):
    child.go()
    try:
        return float(child.ask(command, "seconds"))
    finally:
        child.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--venv", help="a virtual environment that is there [default: one in target/peers]")
    chosen = parser.parse_args()
    own = setup.chainrule("prediction")
    interpreter, there = setup.python(chosen.venv, ["torch", "onnx", "onnxruntime"])
    cpus = sorted(getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count()))(0))
    children, notes = [Child("chainrule", [own], chosen.threads, cpus)], []
    for name in PEERS:
        try:
            if name not in there:
                raise Gone("it could not be installed")
            command = [interpreter, HERE / "predict_peer.py", chosen.threads, name]
            children.append(Child(name, command, chosen.threads, cpus))
        except Gone as error:
            notes.append(f"{name} is missing: {error}")
    print(f"{machine()}, {chosen.threads} thread(s)\n\n" + ", ".join(child.version for child in children) + "\n")
    peers = " | ".join(f"{child.name}; its time / Chainrule's" for child in children[1:])
    print(f"| work | Chainrule | {peers} |\n|---|---|" + "---|" * (len(children) - 1))
    with tempfile.TemporaryDirectory(dir=setup.PEERS) as folder:
        for name, (units, activation, rows) in NETWORKS.items():
            line = f"load name={name} units={units} activation={activation} rows={rows} data={folder}"
            for child in children:
                child.go()
                word = "done" if child.name == "chainrule" else "difference"
                difference = float(child.ask(line, word) or 0)
                child.stop()
                if not difference < 1e-4:
                    notes.append(f"{name}: {child.name} predicts other numbers, by {difference}")
            for command, title in (("all", f"{rows:,} rows"), ("one", "one row")):
                rounds = [{child.name: turn(child, command) for child in children} for _ in range(chosen.rounds)]
                cells = []
                for child in children:
                    time = spread([times[child.name] for times in rounds])[0]
                    shown = f"{rows / time / 1e6:.2f} M rows/s" if command == "all" else f"{time * 1e6:.1f} us"
                    ratio = spread([times[child.name] / times["chainrule"] for times in rounds])
                    beside = "; {0:.2f} ({1:.2f} to {2:.2f})".format(*ratio) if child.name != "chainrule" else ""
                    cells.append(shown + beside)
                print(f"| {units.replace(',', '-')} {activation}, {title} | " + " | ".join(cells) + " |", flush=True)
    for note in notes:
        print(f"\nnote: {note}")
    for child in children:
        child.end()
    sys.exit(1 if notes else 0)


if __name__ == "__main__":
    main()
