"""Made-up trade areas for the tests: as a panel, as the city's files, as a database."""

from pathlib import Path

import numpy as np
import pandas as pd

from core import db
from core.models.forecast.city.panel import AMOUNTS, SHARES, Panel, panel, span
from core.sources.loader import RawFile, load_files
from core.sources.reference_tables import load_reference

HEADER = "기준_년분기_코드,상권_코드,서비스_업종_코드,당월_매출_금액,당월_매출_건수\n"
QUARTERS = span(20201, 20224)


def sales(areas: int, reverting: float, seed: int = 1) -> np.ndarray:
    """(areas, quarters) sales: a random walk around a level, and noise; `reverting` is the share of noise."""
    random = np.random.default_rng(seed)
    shape = (areas, len(QUARTERS))
    walk = np.cumsum(random.normal(0, 0.08 * (1 - reverting), shape), axis=1)
    return np.round(np.exp(19 + random.normal(0, 0.5, (areas, 1)) + walk + random.normal(0, 0.15 * reverting, shape)))


def rows(values: np.ndarray, region: str = "") -> pd.DataFrame:
    """Rows as sql/rows.sql returns them; a NaN is a row that is missing."""
    area, column = (axis.ravel() for axis in np.indices(values.shape))
    table = pd.DataFrame(
        {
            "area_code": [f"3{110001 + number}" for number in area],
            "industry_code": "CS100001",
            "category": "korean_food",
            "district_code": "11110" if region else None,
            "region": region or None,
            "quarter": np.array(QUARTERS)[column],
            "sales": values.ravel(),
        }
    )
    table["purchases"] = table["sales"] / 20_000
    table = table.assign(**dict.fromkeys((*AMOUNTS[2:], *SHARES), np.nan))
    return table[table["sales"].notna()]


def town(areas: int = 60, reverting: float = 0.0, seed: int = 1) -> Panel:
    """The panel of a made-up town."""
    return panel(rows(sales(areas, reverting, seed)))


def files(folder: Path, values: np.ndarray) -> Path:
    """The town as the city publishes it: one cp949 file of sales, and a file of another kind."""
    folder.mkdir(parents=True)
    lines = [
        f"{row.quarter},{row.area_code},{row.industry_code},{row.sales:.0f},{row.purchases:.0f}"
        for row in rows(values).itertuples()
    ]
    (folder / "추정매출.csv").write_bytes((HEADER + "\n".join(lines) + "\n").encode("cp949"))
    (folder / "menu.csv").write_text("dish,price\nbibimbap,9000\n", encoding="utf-8")
    return folder


def database(folder: Path, values: np.ndarray) -> db.Connection:
    """The town's checked tables."""
    con = db.connect()
    load_reference(con)
    load_files(con, [RawFile(path) for path in sorted(files(folder, values).glob("추정*.csv"))])
    return con
