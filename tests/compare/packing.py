#!/usr/bin/env python3
"""How long the local packer takes for a charm of 60 MB, beside the zipping alone as charmcraft does it.

    tests/compare/packing.py                    5 rounds
    tests/compare/packing.py --rounds 20
    tests/compare/packing.py --against EXE      another build of xtask, of an older commit

A round packs the charm anew, unchanged, and with one file edited, each a whole process of xtask's debug build, and has
Python's zipfile deflate the same files, as charmcraft's last step. Only the ratios of one call mean something.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHARM = """\
name: big
type: charm
summary: Sixty megabytes
description: Sixty megabytes
base: ubuntu@24.04
platforms: {any-machine: {build-on: [amd64], build-for: [all]}}
parts: {all: {plugin: dump, source: .}}
"""


def make_charm(directory):
    """4,000 files of texts and bytes, which shrink to a third, as a charm's venv does."""
    chance = random.Random(1)
    (directory / "charmcraft.yaml").write_text(CHARM)
    dispatch = directory / "dispatch"
    dispatch.write_text("#!/bin/sh\n")
    dispatch.chmod(0o755)
    words = [chance.randbytes(4).hex() for _ in range(2000)]
    for number in range(4000):
        file = directory / f"venv/package{number % 100}/{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(" ".join(chance.choices(words, k=1700)))


def timed(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def pack(xtask, charm, target, says, *options):
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    command = [xtask, "pack", "--packer", "local", *options, str(charm)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode or says not in done.stderr:
        sys.exit(f"{command} failed, or did not say {says!r}: {done.stderr}")


def zip_as_charmcraft(charm, archive):
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for directory, _, files in os.walk(charm):
            for file in files:
                path = Path(directory) / file
                if path.suffix != ".charm":
                    out.write(path, path.relative_to(charm))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", help="another build of xtask")
    args = parser.parse_args()
    subprocess.run(["cargo", "build", "--quiet", "--package", "jubilant-xtask"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    builds = {"": str(target / "debug/xtask"), **({" (EXE)": args.against} if args.against else {})}
    rows = {}

    def note(name, run):
        rows.setdefault(name, []).append(timed(run))

    with tempfile.TemporaryDirectory() as place:
        charm = Path(place, "charm")
        charm.mkdir()
        make_charm(charm)
        edited = charm / "venv/package0/0.py"
        for number in range(args.rounds):
            note("zipfile, as charmcraft", lambda: zip_as_charmcraft(charm, Path(place, "peer.charm")))
            for build, xtask in builds.items():
                work = Path(place, f"target{build}")
                for packed in charm.glob("*.charm"):
                    packed.unlink()
                note("pack" + build, lambda: pack(xtask, charm, work, "packed"))
                note("unchanged" + build, lambda: pack(xtask, charm, work, "unchanged"))
                edited.write_text(f"edited {number}{build}")
                note("one file edited" + build, lambda: pack(xtask, charm, work, "packed"))
    peer = statistics.median(rows["zipfile, as charmcraft"])
    for name, times in rows.items():
        median = statistics.median(times)
        print(f"{name:25} {median:8.0f} ms   {peer / median:6.1f}")
    print(f"medians of {args.rounds} rounds; the last column: how often it fits into the zipping alone")


if __name__ == "__main__":
    main()
