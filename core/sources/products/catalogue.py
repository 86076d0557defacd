"""The product catalogue of a build: curated products, with the rates and terms that finlife publishes.

Reads  data/reference/{products,product_feed,base_rate}.csv, <data_dir>/external/products/finlife_*.parquet if there
Writes products, product_offers, product_rates, base_rate
"""

import logging
from datetime import date
from pathlib import Path

import pyarrow as pa

from core import db, reference
from core.sources.products import store
from core.sources.products.offers import OFFERS, RATES

log = logging.getLogger("beacon.products")

CURATED = "products.csv"
OFFERS_FILE, RATES_FILE = "finlife_offers.parquet", "finlife_rates.parquet"
BANKS = "020000"
# Columns of products.csv that are not text.
TYPES = (
    dict.fromkeys(("limit_krw", "minimum_krw", "annual_sales_below_krw"), "BIGINT")
    | dict.fromkeys(("spread_min", "spread_max", "rate_min", "rate_max", "fee_rate_min", "fee_rate_max"), "DOUBLE")
    | dict.fromkeys(("limit_sales_months", "term_months_min", "term_months_max", "grace_months"), "INTEGER")
    | dict.fromkeys(("score_min", "score_max", "tenure_months_min", "days_past_due_below"), "INTEGER")
    | dict.fromkeys(("business_years_below", "credit_score_max", "verified", "is_sale"), "INTEGER")
    | {"as_of": "DATE"}
)


def load(con: db.Connection, external: Path) -> None:
    """Write the catalogue: the curated rows, with the rates and terms of finlife where they are fetched."""
    folder = external / store.FOLDER
    _create_fetched(con, "product_offers", folder / OFFERS_FILE, OFFERS)
    _create_fetched(con, "product_rates", folder / RATES_FILE, RATES)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE product_curated AS SELECT *, row_number() OVER () AS place "
        "FROM read_csv($path, header = true, types = $types)",
        {"path": str(reference.file(CURATED)), "types": _types()},
    )
    con.execute(
        "CREATE OR REPLACE TABLE base_rate AS FROM read_csv($path, header = true)",
        {"path": str(reference.file("base_rate.csv"))},
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE product_feed AS FROM read_csv($path, header = true, all_varchar = true)",
        {"path": str(reference.file("product_feed.csv"))},
    )
    db.create_table(con, "products", "core/sources/products/sql/products", {"banks": BANKS})
    con.execute("DROP TABLE product_curated")
    con.execute("DROP TABLE product_feed")


def curated_on() -> date:
    """Day of the newest row of the curated catalogue.

    >>> curated_on() >= date(2026, 11, 21)
    True
    """
    return max(map(date.fromisoformat, reference.column(CURATED, "as_of")))


def _types() -> dict[str, str]:
    return {name: TYPES.get(name, "VARCHAR") for name in reference.rows(CURATED)[0]}


def _create_fetched(con: db.Connection, table: str, path: Path, schema: pa.Schema) -> None:
    """A table of fetched rows. Without a usable file the table is empty, and a log record names the file."""
    rows = store.read_rows(path, schema)
    if path.exists() and not rows:
        log.warning("%s holds nothing that can be used; run `python -m core fetch products`", path)
    db.create_from_rows(con, table, pa.Table.from_pylist(rows, schema=schema))
