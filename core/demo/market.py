"""Sales and stores of the made-up trade areas, by industry and quarter.

A cell is an area and an industry. Sales = stores x sales per store x industry level x season x area level x noise. Rows
that the city would not publish are absent, as in its files.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.demo.calibration import Calibration, seasons
from core.demo.levels import industry_levels
from core.demo.timeline import QUARTERS

# Autocorrelation of the noise: changes on the quarter are then negatively correlated and those on the year 1.45 times
# as wide, both as in the city's files (calibration.csv, source A).
PERSISTENCE = 0.7
TAIL_DEGREES = 2.0
CELL_SD = 0.80
STORES_SD = 0.85
STORES_AT_PRESENCE = 4.2
# Width between the quartiles over all cells of source D (calibration.csv).
NOISE_WIDTH = 0.40
# With ten times the sales a fifth less change, beyond what the number of stores explains (source A, by size decile).
NOISE_BY_SIZE = -0.1
OPENING_RATE, CLOSING_RATE = 0.019, 0.021
AREA_SD = 0.02
NOISE_LIMIT = 2.0
AREA_DRIFT, DISTRICT_DRIFT = 0.004, 0.003


@dataclass(frozen=True)
class Market:
    """Cells with their stores and sales; the log level of each industry and area by quarter."""

    cells: pd.DataFrame
    stores: np.ndarray
    opened: np.ndarray
    closed: np.ndarray
    log_sales: np.ndarray
    present: np.ndarray
    industry_level: np.ndarray
    area_level: np.ndarray


def demo_market(facts: Calibration, areas: pd.DataFrame, rng: np.random.Generator) -> Market:
    """Sales and stores of every cell over 24 quarters."""
    industry_level = industry_levels(facts)
    area_level = _area_level(areas, rng)
    cells = _cells(facts, areas, rng)
    stores, opened, closed = _stores(cells, rng)
    industry, area = cells["industry"].to_numpy(), cells["area"].to_numpy()
    season = np.tile(seasons(facts.industries), QUARTERS // 4)
    noise = mean_reverting_noise(_noise_sd(facts, cells), QUARTERS, rng).clip(-NOISE_LIMIT, NOISE_LIMIT)
    log_sales = (
        np.log(stores)
        + cells["log_store_sales"].to_numpy()[:, None]
        + industry_level[industry]
        + season[industry]
        + area_level[area]
        + noise
    )
    present = _present(facts, industry, stores, rng)
    log_sales += _city_trend_shift(facts, log_sales, present)
    return Market(cells, stores, opened, closed, log_sales, present, industry_level, area_level)


def _noise_sd(facts: Calibration, cells: pd.DataFrame) -> np.ndarray:
    """(n_cells,) robust deviation of the quarter's change: the industry's, narrower where many shops add up."""
    counts = facts.store_counts
    width = (counts["p75"] - counts["p25"]).to_numpy()
    bin_ = np.searchsorted(counts["stores_over"].to_numpy(), cells["stores"].to_numpy(), side="left") - 1
    log_size = np.log(cells["stores"].to_numpy()) + cells["log_store_sales"].to_numpy()
    size_factor = np.exp(NOISE_BY_SIZE * (log_size - np.median(log_size)))
    return facts.industries["qoq_log_sd"].to_numpy()[cells["industry"]] * width[bin_] / NOISE_WIDTH * size_factor


def _city_trend_shift(facts: Calibration, log_sales: np.ndarray, present: np.ndarray) -> np.ndarray:
    """(24,) small log shift that gives the mean published cell the city's trend since 2019."""
    mean = np.nanmean(np.where(present, np.exp(log_sales), np.nan), axis=0)
    city = facts.quarters["city_mean_krw"].to_numpy(float)
    return np.log(city / city[:4].mean()) - np.log(mean / mean[:4].mean())


def mean_reverting_noise(
    qoq_sd: np.ndarray,
    steps: int,
    rng: np.random.Generator,
    persistence: float = PERSISTENCE,
    tail: float = TAIL_DEGREES,
) -> np.ndarray:
    """(n, steps) noise whose change from step to step has the robust deviation `qoq_sd` (n,) and fat tails."""
    shocks = rng.standard_t(tail, (len(qoq_sd), steps)).clip(-12, 12)
    # Quartiles of Student's t with 2 degrees lie 0.816 from 0; a change is a shock less the part that reverts.
    shocks *= (qoq_sd / (0.816 / 0.6745) / np.sqrt(1 + (1 - persistence) / (1 + persistence)))[:, None]
    noise = np.empty_like(shocks)
    noise[:, 0] = shocks[:, 0] / np.sqrt(1 - persistence**2)
    for t in range(1, steps):
        noise[:, t] = persistence * noise[:, t - 1] + shocks[:, t]
    return noise


def _area_level(areas: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    n = len(areas)
    districts, of_area = np.unique(areas["district_code"], return_inverse=True)
    drift = rng.normal(0, AREA_DRIFT, n) + rng.normal(0, DISTRICT_DRIFT, len(districts))[of_area]
    return mean_reverting_noise(np.full(n, AREA_SD), QUARTERS, rng) + drift[:, None] * np.arange(QUARTERS)


def _cells(facts: Calibration, areas: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row a cell whose industry is present in the area: its stores at the start and its log sales per store."""
    rows = facts.industries
    area, industry = np.divmod(np.arange(len(areas) * len(rows)), len(rows))
    is_present = rng.random(len(area)) < rows["presence"].to_numpy()[industry]
    area, industry = area[is_present], industry[is_present]
    price = areas["price"].to_numpy() + _district_price(facts, areas)
    log_store = np.log(rows["store_sales_krw"].to_numpy())[industry] + (price - np.median(price))[area]
    log_store += rng.normal(0, CELL_SD, len(area))
    cells = pd.DataFrame({"area": area, "industry": industry, "log_store_sales": log_store})
    cells["stores"] = _first_stores(facts, areas, cells, rng)
    return cells


def _district_price(facts: Calibration, areas: pd.DataFrame) -> np.ndarray:
    by_district = np.log(facts.districts.set_index("district_code")["store_sales_krw_p50"])
    return areas["district_code"].map(by_district - by_district.median()).to_numpy()


def _first_stores(facts: Calibration, areas: pd.DataFrame, cells: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Stores of each cell by industry, area and chance, scaled so that each district has its share of sales."""
    rows = facts.industries
    common = np.log(rows["stores"] / rows["presence"])
    mean = np.exp(0.75 * (common - common.mean())).to_numpy()[cells["industry"]]
    stores = STORES_AT_PRESENCE * mean * areas["stores_factor"].to_numpy()[cells["area"]]
    stores *= rng.lognormal(0, STORES_SD, len(cells))
    sales = pd.Series(stores * np.exp(cells["log_store_sales"])).groupby(
        areas["district_code"].to_numpy()[cells["area"]]
    )
    share = facts.districts.set_index("district_code")["sales_share"]
    factor = share / (sales.sum() / sales.sum().sum())
    # Relative to the median factor, so that the total stays about the same.
    factor = factor / factor.median()
    scaled = stores * factor.reindex(areas["district_code"].to_numpy()[cells["area"]]).to_numpy()
    return np.maximum(np.round(scaled), 1).astype(int)


def _stores(cells: pd.DataFrame, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    now = cells["stores"].to_numpy()
    stores, opened, closed = (np.empty((len(cells), QUARTERS), dtype=int) for _ in range(3))
    for q in range(QUARTERS):
        opened[:, q] = rng.poisson(OPENING_RATE * now)
        closed[:, q] = np.minimum(rng.binomial(now, CLOSING_RATE), now + opened[:, q] - 1)
        now = now + opened[:, q] - closed[:, q]
        stores[:, q] = now
    return stores, opened, closed


def _present(facts: Calibration, industry: np.ndarray, stores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """True for rows that the city publishes: fewer in small cells, as many an industry as in its files."""
    counts = facts.store_counts
    small = counts["missing_quarter_share"].to_numpy()[
        np.searchsorted(counts["stores_over"].to_numpy(), stores, side="left") - 1
    ]
    cell_factor = rng.gamma(0.5, 2.0, (len(stores), 1))
    risk = np.clip(small * cell_factor, 0.0, 0.9)
    target = facts.industries["missing_share"].to_numpy()[industry]
    for _ in range(3):  # clipping lowers the mean
        mean = pd.Series(risk.mean(axis=1)).groupby(industry).transform("mean").to_numpy()
        risk = np.clip(risk * (target / mean)[:, None], 0.0, 0.9)
    return rng.random(stores.shape) >= risk
