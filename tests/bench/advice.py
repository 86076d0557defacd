"""Rules and ranking of 50 products for 100,000 businesses: at most 20 s and 2 GB.

`python -m tests.bench.advice BUILDS` measures in its own process, so that the memory is this task's alone.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from core import db
from core.advice import recommendations, rules
from tests.server import ROOT

BUSINESSES, PRODUCTS = 100_000, 50
COPIED = """
CREATE TABLE products AS
  SELECT * REPLACE (product_id || CASE WHEN copy = 0 THEN '' ELSE '-' || copy END AS product_id)
  FROM small.products, range($copies) AS copies(copy) ORDER BY copy, product_id LIMIT $products;
CREATE TABLE base_rate AS FROM small.base_rate;
CREATE TABLE advice_facts AS
  SELECT * REPLACE (
    business_id || '-' || lpad(CAST(copy AS VARCHAR), 3, '0') AS business_id,
    CAST(number + copy * (SELECT max(number) + 1 FROM small.advice_facts) AS INTEGER) AS number)
  FROM small.advice_facts, range($copies) AS copies(copy) ORDER BY number LIMIT $businesses;
CREATE TABLE holdings AS
  SELECT * REPLACE (
    business_id || '-' || lpad(CAST(copy AS VARCHAR), 3, '0') AS business_id,
    product_id || CASE WHEN copy % 3 = 0 THEN '' ELSE '-' || copy % 3 END AS product_id)
  FROM small.holdings, range($copies) AS copies(copy);
CREATE TABLE interactions AS
  SELECT * REPLACE (
    business_id || '-' || lpad(CAST(copy AS VARCHAR), 3, '0') AS business_id,
    product_id || CASE WHEN copy % 3 = 0 THEN '' ELSE '-' || copy % 3 END AS product_id)
  FROM small.interactions, range($copies) AS copies(copy);
"""


def measure(home: Path) -> dict[str, float]:
    """Seconds and peak memory of the advice on an inflated book, made from the build in `home`."""
    command = [sys.executable, "-m", "tests.bench.advice", str(home / "builds")]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def _measured(builds: Path) -> dict[str, float]:
    con = db.connect()
    con.execute("ATTACH $path AS small (READ_ONLY)", {"path": str(builds / db.current_build(builds) / db.DATABASE)})
    sizes = {"products": PRODUCTS, "businesses": BUSINESSES, "copies": -(-BUSINESSES // _count(con))}
    for statement in COPIED.split(";"):
        named = {name: value for name, value in sizes.items() if f"${name}" in statement}
        if statement.strip():
            con.execute(statement, named)
    as_of = con.execute("SELECT max(as_of) FROM advice_facts").fetchall()[0][0]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    rules.write_catalogue(con)
    recommended = recommendations.recommend(con, as_of)
    return {
        "seconds": time.monotonic() - started,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "before_mb": before / 1024,
        "pairs": db.count(con, "advice_pairs"),
        "recommended": recommended,
    }


def _count(con: db.Connection) -> int:
    return int(con.execute("SELECT count(*) FROM small.advice_facts").fetchall()[0][0])


if __name__ == "__main__":
    print(json.dumps(_measured(Path(sys.argv[1]))))
