"""How heavy the page is, and how soon a phone shows it.

    python tests/benchmarks/pages.py --sizes 2000 20000           # runs the pipeline on texts made of the example's sentences
    python tests/benchmarks/pages.py --runs results/ other/       # measures pages that are there

Printed for each page: its bytes beside what is allowed (3 MB up to 2,000 contributions, 6 MB for 20,000), and in Chromium, 390 pixels
wide with the processor slowed four times, medians of ``--times`` in milliseconds: words and charts on the screen from opening the file,
the map as plotly draws it anew from the moment somebody comes to it, the processor time of that in the page's own thread (which other
work on the machine disturbs less), and the longest that a press of a key could wait meanwhile.
Making 20,000 takes several minutes. Chromium is found as by the tests.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browsing import FLAGS, chromium  # noqa: E402

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "raw" / "example"
SLOWER = 4
ALLOWED = {2_000: 3_000_000, 20_000: 6_000_000}  # contributions: bytes
PLACES = ["id", "text", "author", "created_at", "url", "lang", "question", "source"]
FIRST_WORDS = "() => Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)"
NOW = "() => Math.round(performance.now())"
SLOWEST_TASK = """() => new Promise(done => { let most = 0; new PerformanceObserver(list => list.getEntries().forEach(one => { most = Math.max(most, one.duration); }))
                  .observe({type: 'longtask', buffered: true}); setTimeout(() => done(Math.round(most)), 300); })"""


def contributions(count: int) -> pd.DataFrame:
    """As many contributions as asked for, each as long as one of the example's, of sentences drawn from its source; the same every time."""
    from analysis import read

    kept, draw = read(EXAMPLE).kept, random.Random(7)
    split = [[one for one in re.split(r"(?<=[.!?])\s+", text) if one] for text in kept["text"]]
    pools = {source: [one for place in places for one in split[place]] for source, places in kept.reset_index(drop=True).groupby("source").indices.items()}
    rows = []
    for number in range(count):
        like = kept.iloc[number % len(kept)]
        text = " ".join(draw.choice(pools[like["source"]]) for _ in split[number % len(kept)])
        rows.append({"id": f"made-{number}", "text": text, "author": f"{like['contributor']}-{number // len(kept)}", "created_at": like["created_at"],
                     "url": f"https://example.org/made/{number}", "lang": like["lang"], "question": like["question"], "source": like["source"]})
    return pd.DataFrame(rows, columns=PLACES)


def made(count: int, work: Path) -> Path:
    """The folder of a run of so many contributions, with its page."""
    raw, out = work / f"{count}.csv", work / f"run-{count}"
    contributions(count).to_csv(raw, index=False)
    subprocess.run([sys.executable, "-m", "analysis.cli", "run", str(raw), "--out", str(out), "--refits", "0"], check=True)   # ungraded, all groups are shown as themes: no lighter
    return out


def weight(run: Path) -> dict:
    """Contributions in the run, bytes of the page and bytes allowed."""
    count, size = len(pd.read_parquet(run / "contributions.parquet", columns=["contribution_id"])), (run / "html" / "index.html").stat().st_size
    return {"contributions": count, "bytes": size, "allowed": ALLOWED[2_000] if count <= 2_000 else ALLOWED[20_000]}


def seconds(page: Path, times: int) -> dict:
    """Medians of what a phone-class processor takes, in milliseconds."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        found = [visit(browser, page) for _ in range(times)]
        browser.close()
    return {name: statistics.median(one[name] for one in found) for name in found[0]}


def visit(browser, path: Path) -> dict:
    """One opening of the page in a context of its own."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-charts]", state="attached", timeout=60_000)
    opened = {"words": page.evaluate(FIRST_WORDS), "charts": page.evaluate(NOW)}
    assert page.locator(".chart .still > svg").count() == page.locator(".chart").count(), "a chart is not on the screen yet"
    live = page.locator(".chart:has(.live)").first
    if live.count():
        begun, used = page.evaluate(NOW), processor(session)
        live.evaluate("one => one.scrollIntoView()")
        page.wait_for_selector("html[data-charts='drawn']", state="attached", timeout=120_000)
        opened |= {"map redrawn": page.evaluate(NOW) - begun, "processor": processor(session) - used}
    opened["longest task"] = page.evaluate(SLOWEST_TASK)
    context.close()
    return opened


def processor(session) -> int:
    """Milliseconds that the page's own thread has had of the processor so far, the slowing included."""
    return round(1_000 * next(one["value"] for one in session.send("Performance.getMetrics")["metrics"] if one["name"] == "TaskDuration"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="*", type=int, default=[])
    parser.add_argument("--runs", nargs="*", type=Path, default=[], help="folders of runs that have a page")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--work", type=Path, default=None, help="folder for the runs that are made; a temporary one otherwise")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        rows = {}
        for run in [*options.runs, *(made(count, work) for count in options.sizes)]:
            rows[str(run.name)] = {**weight(run), **seconds(run / "html" / "index.html", options.times)}
        print(pd.DataFrame(rows).T.to_string(float_format=lambda value: f"{value:,.0f}"))


if __name__ == "__main__":
    main()
