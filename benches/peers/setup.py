"""Builds what the comparisons run: Chainrule's example, a virtual environment with the Python peers, and burn's peer.

Everything lands in `target/peers`. What cannot be had is said on standard error and is missing from the tables, by name.
"""

import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
PEERS = TARGET / "peers"


def say(text):
    print(text, file=sys.stderr, flush=True)


def chainrule(example="workload"):
    """The path of one of Chainrule's examples, built."""
    command = ["cargo", "build", "--quiet", "--release", "-p", "chainrule", "--example", example]
    subprocess.run(command, cwd=ROOT, check=True)
    PEERS.mkdir(exist_ok=True)
    return TARGET / "release" / "examples" / example


def burn():
    """The path of burn's peer, built for this very processor, or None."""
    manifest, target = HERE / "burn" / "Cargo.toml", PEERS / "burn"
    command = ["cargo", "build", "--quiet", "--release", "--manifest-path", manifest, "--target-dir", target]
    environment = os.environ | {"RUSTFLAGS": "-C target-cpu=native"}
    try:
        subprocess.run(command, env=environment, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"burn is missing: {error}")
        return None
    return target / "release" / "peer-burn"


def python(folder, packages):
    """A Python with the packages, and those of them that are there: of an environment that exists, or one made here."""
    folder = pathlib.Path(folder) if folder else PEERS / "venv"
    interpreter = folder / "bin" / "python"
    if not interpreter.exists():
        say(f"making a virtual environment in {folder}")
        venv.create(folder, with_pip=True)
    versions = dict(line.strip().split("==") for line in (HERE / "requirements.txt").read_text().splitlines())
    found = []
    for package in packages:
        probe = [interpreter, "-c", f"import importlib.metadata as m; m.version({package!r})"]
        if subprocess.run(probe, capture_output=True).returncode != 0:
            say(f"installing {package} {versions[package]}")
            pip = [interpreter, "-m", "pip", "install", "--quiet", f"{package}=={versions[package]}"]
            if subprocess.run(pip).returncode != 0:
                say(f"{package} is missing: pip could not install it")
                continue
        found.append(package)
    return interpreter, found
