#!/usr/bin/env python3
"""How long jubilant's harness takes besides the tests, beside its peer: pytest with pytest-jubilant.

    tests/compare/startup.py                    10 rounds
    tests/compare/startup.py --rounds 30
    tests/compare/startup.py --against EXE      a third row: another build of the suite `trivial`

Both sides run 100 trivial tests in 10 modules, alternately, each run a whole process with its output in a pipe, after
one round that is not counted. A run that does not report 100 passed tests is an error; no time is, since times differ
from machine to machine. Only the ratios of one call mean something: that of the peer's median to jubilant's, and that
of EXE's to jubilant's.

An EXE of an older commit: `cargo test --package jubilant-tests --test trivial --no-run` there, with a target directory
of its own; cargo prints the path. Copy `tests/trivial` and its part of `tests/Cargo.toml` to a commit without them.

The peer is installed from PyPI, once, below `compare` in cargo's target directory; where it cannot be had the script
says so and succeeds.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The releases that are the peer: a newer one is a decision, not an accident.
PEER = {"pytest": "9.2", "pytest-jubilant": "2.3"}
# The names of the modules, and of the tests in each, as in tests/trivial/main.rs.
NAMES = "one two three four five six seven eight nine ten".split()
TESTS = len(NAMES) ** 2
# What a developer or a CI has set must not change what either side does.
FOREIGN = ("JUBILANT_", "CHARM_PATH", "RUST_", "NEXTEST", "CI", "PYTEST_", "PYTHON", "COV_")

# Run by the peer's Python.
ASK_VERSIONS = """
import importlib.metadata, json, platform
versions = {name: importlib.metadata.version(name) for name in ("pytest", "pytest-jubilant", "jubilant")}
print(json.dumps({**versions, "Python": platform.python_version()}))
"""


class Skipped(Exception):
    """The peer cannot be had here."""


class Row:
    """One side: how it is run, and how long its runs took."""

    def __init__(self, name, command, directory, environment, shows):
        self.name, self.command, self.directory = name, command, directory
        self.environment, self.shows, self.milliseconds = environment, shows, []

    def run(self):
        """Runs it once, checks what it reported, and returns the milliseconds it took."""
        started = time.perf_counter()
        run = subprocess.run(
            self.command,
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=300,
        )
        milliseconds = (time.perf_counter() - started) * 1000
        if run.returncode != 0 or not all(re.search(part, run.stdout) for part in self.shows):
            sys.exit(f"{self.name} ended with {run.returncode}, without {TESTS} passed tests:\n{run.stdout}")
        return milliseconds

    @property
    def median(self):
        return statistics.median(self.milliseconds)


def main():
    options = arguments()
    compare = target_directory() / "compare"
    try:
        python = peer(compare / "venv")
    except Skipped as reason:
        print(f"skipped: {reason}")
        return
    suite = build()
    with tempfile.TemporaryDirectory(prefix="startup") as scratch:
        scratch = Path(scratch)
        rows = [
            jubilant("jubilant", suite, scratch / "jubilant"),
            pytest(python, write_tests(compare / "peer"), scratch / "peer"),
        ]
        if options.against:
            rows.append(jubilant("against", options.against, scratch / "against"))
        measure(rows, options.rounds)
    print_table(rows, options)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="runs of each side (10)")
    parser.add_argument("--against", type=Path, metavar="EXE", help="another build of the suite `trivial`")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: at least one is needed")
    if options.against and not os.access(options.against, os.X_OK):
        parser.error(f"--against: {options.against} is no executable file")
    options.against = options.against and options.against.resolve()
    return options


def target_directory():
    """Where cargo builds, whatever variable or configuration says so."""
    metadata = cargo("metadata", "--no-deps", "--format-version", "1")
    return Path(json.loads(metadata)["target_directory"])


def build():
    """Builds the suite as `cargo test` does for a user, and returns its executable."""
    output = cargo(
        *"test --package jubilant-tests --test trivial --no-run --message-format json".split()
    )
    for message in map(json.loads, output.splitlines()):
        if message.get("target", {}).get("name") == "trivial" and message.get("executable"):
            return Path(message["executable"])
    sys.exit("cargo names no executable for the suite `trivial`")


def cargo(*words):
    run = subprocess.run(["cargo", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        sys.exit(f"`cargo {' '.join(words)}` failed, see above")
    return run.stdout


def peer(directory):
    """Installs the peer unless it is there already, prints its versions, and returns its Python."""
    python = directory / "bin/python"
    versions = installed(python)
    if not all(versions.get(name, "").startswith(f"{release}.") for name, release in PEER.items()):
        try:
            venv.create(directory, clear=True, with_pip=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Skipped(f"Python cannot make a virtual environment here ({error})") from error
        wanted = [f"{name}=={release}.*" for name, release in PEER.items()]
        pip = [python, "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "30", *wanted]
        run = subprocess.run(pip, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if run.returncode != 0:
            reason = (run.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Skipped(f"{' and '.join(wanted)} cannot be installed from PyPI ({reason})")
        versions = installed(python)
    print("peer:", ", ".join(f"{name} {version}" for name, version in versions.items()))
    return python


def installed(python):
    """The versions of the peer's parts; empty if not all of them are there."""
    try:
        run = subprocess.run([python, "-I", "-c", ASK_VERSIONS], capture_output=True, text=True)
    except OSError:
        return {}
    return json.loads(run.stdout) if run.returncode == 0 else {}


def write_tests(directory):
    """Writes the tests of tests/trivial/main.rs for pytest."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    # Without one, pytest looks for a configuration in the directories above.
    (directory / "pytest.ini").write_text("[pytest]\n")
    tests = "\n\n".join(f"def test_{name}():\n    assert 1 + 1 == 2\n" for name in NAMES)
    for name in NAMES:
        (directory / f"test_{name}.py").write_text(tests)
    return directory


def jubilant(name, suite, scratch):
    passed = rf"test result: ok\. {TESTS} passed"
    variables = environment(scratch)
    # A copy in a target directory of its own: a file that the linker wrote is cached in smaller pieces than a copied
    # one, which alone made a tenth.
    deps = scratch / "target/debug/deps"
    deps.mkdir(parents=True)
    return Row(name, [shutil.copy(suite, deps)], scratch, variables, [passed])


def pytest(python, tests, scratch):
    # The header names the plugin: without it the peer would be bare pytest.
    shows = [rf"(?m)^=+ {TESTS} passed in ", r"(?m)^plugins:.*\bjubilant-"]
    return Row("pytest", [python.with_name("pytest")], tests, environment(scratch), shows)


def environment(scratch):
    """The caller's variables without what would change a run, and with a state directory of the row's own."""
    scratch.mkdir()
    variables = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return variables | {
        "JUBILANT_BACKEND": "embedded",
        "JUBILANT_EMBEDDED_DIR": str(scratch / "embedded"),
        "XDG_STATE_HOME": str(scratch / "state"),
    }


def measure(rows, rounds):
    for row in rows:
        row.run()  # Fills caches: Python's bytecode, the file system's, the installed embedded Juju.
    for _ in range(rounds):
        for row in rows:
            row.milliseconds.append(row.run())


def print_table(rows, options):
    first = rows[0]
    print(f"{TESTS} trivial tests in {len(NAMES)} modules, {options.rounds} rounds, milliseconds of a whole run")
    print(f"{'':10}{'minimum':>9}{'median':>9}{'maximum':>9}   beside {first.name}")
    for row in rows:
        times = (min(row.milliseconds), row.median, max(row.milliseconds))
        cells = "".join(f"{milliseconds:9.1f}" for milliseconds in times)
        print(f"{row.name:10}{cells}{row.median / first.median:11.2f}")
    if options.against:
        print(f"against: {options.against}")


if __name__ == "__main__":
    main()
