"""How fast and how large: cohorts, importing, and loading a file of the release's size.

    OMP_NUM_THREADS=1 python benchmarks/cohorts.py [--rounds 7]

Medians of several rounds, each in a fresh process where memory or importing is measured; the
file is loaded side by side with ``pandas.read_csv``, and their ratio is what counts.  Writes
``benchmarks/results/cohorts.json`` and prints a table.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

import healthgym_edu as hg

RESULTS = Path(__file__).with_name("results") / "cohorts.json"

IMPORT = "import time; t = time.perf_counter(); import healthgym_edu as hg; hg.load_cohort; "
TORCH = "import sys; heavy = 'torch' in sys.modules; "
SIMULATE = (
    "import resource, time, healthgym_edu as hg; t = time.perf_counter(); "
    "hg.load_cohort('art_hiv'); s = time.perf_counter() - t; "
    "print(s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
)


def in_fresh_process(code: str) -> list[float]:
    """Run a line of Python in a new interpreter and return the numbers it prints."""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return [float(word) for word in run.stdout.split()]


def seconds(function) -> float:
    """Wall seconds of one call."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = range(parser.parse_args().rounds)

    importing = [
        in_fresh_process(IMPORT + TORCH + "print(time.perf_counter() - t, float(heavy))")
        for _ in rounds
    ]
    simulating = [in_fresh_process(SIMULATE) for _ in rounds]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cohort.csv"
        hg.load_cohort("art_hiv").save(path)
        megabytes = path.stat().st_size / 1e6
        pairs = []
        for _ in rounds:  # side by side, so that both meet the same machine
            ours = seconds(lambda: hg.load_cohort("art_hiv", source=path))
            pairs.append((ours, seconds(lambda: pd.read_csv(path))))

    result = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}, one process",
        "rounds": len(rounds),
        "import with data, seconds": statistics.median(row[0] for row in importing),
        "torch imported": any(row[1] for row in importing),
        "8,916 people × 60 months, seconds": statistics.median(row[0] for row in simulating),
        "its peak memory, MB": statistics.median(row[1] for row in simulating),
        "file, MB": megabytes,
        "file loaded and validated, seconds": statistics.median(ours for ours, _ in pairs),
        "pandas.read_csv of it, seconds": statistics.median(theirs for _, theirs in pairs),
        "ratio": statistics.median(ours / theirs for ours, theirs in pairs),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, value in result.items():
        print(f"{name:40} {value:.3g}" if isinstance(value, float) else f"{name:40} {value}")


if __name__ == "__main__":
    main()
