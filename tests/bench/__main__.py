"""`make bench`: the figures the product promises, measured on this machine. Nothing here is a test.

`python -m tests.bench [build] [models] [forecast] [whatif] [advice] [segments] [notes] [stream] [pages] [api] [clone]`;
without a word: all but clone (clone to first page).
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.inflate import inflate
from tests.server import ROOT

HOME = Path(os.environ.get("BENCH_DIR", Path(tempfile.gettempdir()) / "beacon-bench"))
BUILDS = 3
BUSINESSES = 300_000
console = Console()


def core(data_dir: Path, *arguments: str) -> float:
    """Run a command of core on a data folder; its wall seconds."""
    started = time.monotonic()
    command = [sys.executable, "-m", "core", *arguments]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"BEACON_DATA_DIR": str(data_dir)}, check=True)
    return time.monotonic() - started


def _demo() -> Path:
    if not (HOME / "raw").exists():
        console.print(f"demo bank written in {core(HOME, 'demo'):.1f} s")
    if not (HOME / "builds" / "CURRENT").exists():
        core(HOME, "build")
    return HOME


def build() -> None:
    """Demo build of 10,000 businesses x 72 months, training included: at most 150 s and 3 GB."""
    _demo()
    seconds = [core(HOME, "build") for _ in range(BUILDS)]
    newest = json.loads(max((HOME / "builds").glob("*/build.json")).read_text(encoding="utf-8"))
    _show(
        "Demo build (at most 150 s, 3 GB)",
        ("median seconds", f"{statistics.median(seconds):.1f}"),
        ("of runs", ", ".join(f"{value:.1f}" for value in seconds)),
        ("peak memory", f"{newest['peak_rss_mb'] / 1024:.2f} GB"),
        *((f"  {step['step']}", f"{step['seconds']:.1f} s") for step in newest["steps"]),
    )


def models() -> None:
    """PD + drivers for 100,000 businesses: at most 40 CPU seconds; stability before and after averaging."""
    from tests.bench import models as bench

    found = bench.measure(_demo())
    rows = [("CPU seconds, 100,000 businesses", f"{found['cpu_seconds']:.1f}")]
    for name, figures in found["candidates"].items():
        rows += [(f"{name}: {key}", f"{value:.4f}") for key, value in figures.items() if isinstance(value, float)]
    _show("PD and drivers (at most 40 CPU seconds)", *rows)


def whatif() -> None:
    """What-if 50 ms, counterfactual 100 ms, over businesses of every risk."""
    from tests.bench import whatif as bench

    rows = [
        (f"{model}, {name}", f"median {took['median_ms']:.1f} ms, p95 {took['p95_ms']:.1f} ms of {took['runs']} runs")
        for model, parts in bench.measure(_demo()).items()
        for name, took in parts.items()
    ]
    _show("What-if (at most 50 ms) and counterfactual (100 ms)", *rows)


def forecast() -> None:
    """79 revenue models with weights, intervals and forecasts of the demo bank: at most 60 s; WAPE by horizon."""
    from tests.bench import forecast as bench

    found = bench.measure(_demo())
    rows = [(name, f"{value:.1f}") for name, value in found["seconds"].items()]
    rows += [(f"WAPE {model}, {horizon} months", f"{wape:.2%}") for model, horizon, wape in found["wape"]]
    rows += [
        (f"coverage of {nominal:.0%}, {horizon} months", f"{held:.1%}") for horizon, nominal, held in found["held"]
    ]
    _show("79 revenue models (at most 60 s)", *rows, ("used of 79", str(found["used"])), ("served", found["served"]))


def advice() -> None:
    """Rules and ranking of 50 products for 100,000 businesses: at most 20 s and 2 GB."""
    from tests.bench import advice as bench

    found = bench.measure(_demo())
    _show(
        "Rules and ranking, 50 products for 100,000 businesses (at most 20 s, 2 GB)",
        ("seconds", f"{found['seconds']:.1f}"),
        ("peak memory", f"{found['peak_mb'] / 1024:.2f} GB"),
        ("pairs judged", f"{found['pairs']:,}"),
        ("recommendations", f"{found['recommended']:,}"),
    )


def notes() -> None:
    """A PDF: at most 2 s; the rules of every product and a sized loan, as the business page asks for them."""
    from tests.bench import notes as bench

    rows = [
        (
            name,
            f"median {took['median_ms']:.0f} ms ({took['cpu_ms']:.0f} ms CPU), slowest {took['most_ms']:.0f} ms"
            f" of {took['runs']} runs",
        )
        for name, took in bench.measure(_demo()).items()
    ]
    _show("What the business page works out when asked (a PDF at most 2 s)", *rows)


def segments() -> None:
    """Dividing 50,000 businesses anew, every k judged: at most 3 s."""
    from tests.bench import segments as bench

    rows = [
        (f"{int(took['rows']):,} businesses, {name}", f"median {took['median']:.2f} s, longest {took['longest']:.2f} s")
        for name, took in bench.measure(_demo()).items()
    ]
    _show("Segments divided anew (at most 3 s)", *rows)


def pages() -> None:
    """A book of 300,000 businesses: 200 ms at the 95th percentile (business page 300 ms), 2 MB a page, 1 GB for 20."""
    from tests.bench import pages as bench

    book = inflate(_demo(), HOME / "large", BUSINESSES)
    found = bench.measure(book)
    rows = []
    for name, times in found["times"].items():
        rows.append((name, f"p50 {times['p50_ms']:.0f} ms, p95 {times['p95_ms']:.0f} ms of {times['runs']} runs"))
        if name in found["megabytes"]:
            rows.append(("  first visit", f"{found['megabytes'][name]:.2f} MB"))
    rows += [("server memory", f"{found['rss_mb']:.0f} MB"), ("20 sessions add", f"{found['sessions_mb']:.0f} MB")]
    _show(f"Pages over {BUSINESSES:,} businesses", *rows)


def api() -> None:
    """The API: 300 single answers a second with a 99th percentile of 50 ms, batches of 10,000 with reasons in 5 s."""
    from tests.bench import api as bench

    found = bench.measure(_demo())
    rows = [(name, _told(figures)) for name, figures in found.items()]
    _show("API (at least 300 a second, p99 at most 50 ms; a batch at most 5 s)", *rows)


def _told(figures: dict[str, float]) -> str:
    if "seconds" in figures:
        return f"{figures['seconds']:.2f} s, {figures['megabytes']:.1f} MB"
    return "{a_second:.0f} a second, p50 {p50_ms:.1f} ms, p99 {p99_ms:.1f} ms of {requests} requests".format(**figures)


def stream() -> None:
    """One worker: at least 10,000 events a second in catch-up; at 1,000 a second the 99th percentile below 100 ms."""
    from tests.bench import stream as bench

    found = bench.measure(_demo())
    _show(
        "Stream, one worker beside broker and Redis (at least 10,000 a second; p99 below 100 ms)",
        ("events a second in catch-up", f"{found['events_per_second']:,.0f}"),
        ("event to result at 1,000 a second", f"p50 {found['p50_ms']:.0f} ms, p99 {found['p99_ms']:.0f} ms"),
        ("of events sent live, with a result", f"{found['results']:,.0f}"),
    )


def clone() -> None:
    """`make run` in a bare clone to the first answer of the app: at most 4 minutes."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "-q", str(ROOT), folder], check=True)
        started = time.monotonic()
        environment = {key: value for key, value in os.environ.items() if key != "BEACON_DATA_DIR"}
        process = subprocess.Popen(["make", "run", "PORT=8599"], cwd=folder, env=environment, start_new_session=True)
        try:
            while not _answers("http://127.0.0.1:8599/api/ready"):
                time.sleep(0.5)
            _show("make run from a bare clone (at most 4 minutes)", ("seconds", f"{time.monotonic() - started:.0f}"))
        finally:
            os.killpg(process.pid, 15)
            process.wait(30)


def _answers(url: str) -> bool:
    try:
        return urllib.request.urlopen(url, timeout=2).status == 200
    except OSError:
        return False


def _show(title: str, *rows: tuple[str, str]) -> None:
    table = Table("what", "measured", title=title)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def main(chosen: list[str]) -> None:
    """Run the benches named, by default all but clone."""
    benches = {
        "build": build,
        "models": models,
        "forecast": forecast,
        "whatif": whatif,
        "advice": advice,
        "segments": segments,
        "notes": notes,
        "stream": stream,
        "pages": pages,
        "api": api,
        "clone": clone,
    }
    if not chosen:
        shutil.rmtree(HOME, ignore_errors=True)
    for name in chosen or [
        "build",
        "models",
        "forecast",
        "whatif",
        "advice",
        "segments",
        "notes",
        "stream",
        "pages",
        "api",
    ]:
        benches[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
