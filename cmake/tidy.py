#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over the units of a build: cmake/tidy.py BUILD JOBS FOLDER...

A unit that passed is not looked at again until its text, a header of its, its options or the checks change.
The static analyser is left out where it costs most and finds least: in tests, whose macros it follows through
GoogleTest, and in coroutines, whose frames it takes for uninitialised memory.
"""
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys

TIDY = "clang-tidy-19"
WITHOUT_ANALYSER = re.compile(r"_(test|bench|fuzz)\.cpp$")
COROUTINE = re.compile(r"\bco_(await|return)\b|\bOTI_CO_")


def checks(source):
    light = WITHOUT_ANALYSER.search(source) or COROUTINE.search(pathlib.Path(source).read_text())
    return ["--checks=-clang-analyzer-*"] if light else []


def stamp(passed, unit, options):
    """Named after all that the verdict depends on. Comments count, since NOLINT is one."""
    compiler = shlex.split(unit["command"])
    if "ccache" in compiler[0]:
        compiler = compiler[1:]
    compiler[compiler.index("-o") : compiler.index("-o") + 2] = []
    text = subprocess.run([*compiler, "-E", "-C", "-P"], cwd=unit["directory"], capture_output=True, check=True)
    key = hashlib.sha256(text.stdout)
    key.update("\0".join([*compiler, *options]).encode())
    key.update(pathlib.Path(".clang-tidy").read_bytes())
    return passed / key.hexdigest()


def look_at(build, passed, unit):
    """Whether the unit has findings; they are printed."""
    source = unit["file"]
    options = checks(source)
    done = stamp(passed, unit, options)
    if done.exists():
        return False
    result = subprocess.run([TIDY, "--quiet", "-p", build, *options, source], capture_output=True, text=True)
    if result.returncode == 0:
        done.touch()
        return False
    print(result.stdout or result.stderr, end="", flush=True)
    return True


def main(build, jobs, *folders):
    passed = pathlib.Path(build, "tidy")
    passed.mkdir(exist_ok=True)
    roots = tuple(f"{pathlib.Path(folder).resolve()}/" for folder in folders)
    units = json.loads(pathlib.Path(build, "compile_commands.json").read_text())
    units = [unit for unit in units if unit["file"].startswith(roots)]
    with concurrent.futures.ThreadPoolExecutor(int(jobs)) as pool:
        failed = sum(pool.map(lambda unit: look_at(build, passed, unit), units))
    print(f"{len(units)} units, {failed} with findings", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
