"""Runs every module of a folder, each with its own check, in one process; prints what failed as JSON."""

import contextlib
import io
import json
import pathlib
import runpy
import sys
import warnings

warnings.simplefilter("ignore")
failures = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(path), run_name="__main__")
    except BaseException as error:
        failures[path.stem] = f"{type(error).__name__}: {error}; {printed.getvalue()}"
print(json.dumps(failures))
