"""Log sales level of each industry from 2019 to 2024, without season; the mean of 2019 is 0.

It is made of the city's trend, the pandemic's effect by industry (year on year 2020Q1, Q2, Q4), the changes of food
sales in 2020-2024, and the evening curfew that closed bars and karaoke rooms early.
"""

from typing import Any

import numpy as np
import pandas as pd

from core.demo.calibration import Calibration, seasons
from core.demo.timeline import QUARTERS

Q = {str(10 * (2019 + q // 4) + q % 4 + 1): q for q in range(QUARTERS)}
# Own choices where no figure exists: a first quarter affected from February on, a fading effect, a permanent part.
FIRST_QUARTER_PART = 0.6
LATER_PART = 0.8
PERMANENT_PART = 0.25
# The strength of the curfew follows the evening share of food sales: 0 before it, 1 in 2020Q4.
EVENING_BEFORE, EVENING_2020Q4 = 0.1936, 0.1455
CURFEW_LIMIT = 1.3


def industry_levels(facts: Calibration) -> np.ndarray:
    """(n_industries, 24) log levels; their sum over the industries follows the city's trend."""
    rows = facts.industries
    city = city_level(facts.quarters)
    levels = np.vstack([city + _effect(row, city) for row in rows.itertuples()])
    food = (rows["family"] == "food").to_numpy()
    levels[food] = _food_levels(rows[food], facts, city)
    return _matched_to_city(levels, food, facts)


def city_level(quarters: pd.DataFrame) -> np.ndarray:
    """(24,) log of the city's mean, season removed, 2019 = 0."""
    log = np.log(quarters["city_mean_krw"].to_numpy(float))
    level = log - city_season(quarters)
    return level - level[:4].mean()


def city_season(quarters: pd.DataFrame) -> np.ndarray:
    """(24,) the city's own seasonal deviation: mean by quarter of the deviation from the year, 2020 left out."""
    log = np.log(quarters["city_mean_krw"].to_numpy(float)).reshape(-1, 4)
    # The level grows within a year, by half a year's growth from Q1 to Q3.
    growth = (log[-1].mean() - log[0].mean()) / (4 * (len(log) - 1))
    deviation = log - log.mean(axis=1, keepdims=True) - growth * (np.arange(4) - 1.5)
    return np.tile(np.delete(deviation, 1, axis=0).mean(axis=0), len(log))


def _effect(row: Any, city: np.ndarray) -> np.ndarray:
    """(24,) deviation of one industry from the city, known in 2020 and fading later."""
    second = np.log1p(row.yoy_2020q2) - (city[Q["20202"]] - city[Q["20192"]])
    first = FIRST_QUARTER_PART * second
    if not np.isnan(row.yoy_2020q1):
        first = np.log1p(row.yoy_2020q1) - (city[Q["20201"]] - city[Q["20191"]])
    fourth = LATER_PART * second
    if not np.isnan(row.yoy_2020q4):
        fourth = np.log1p(row.yoy_2020q4) - (city[Q["20204"]] - city[Q["20194"]])
    quarters = [Q["20194"], Q["20201"], Q["20202"], Q["20204"], Q["20214"], Q["20224"], Q["20244"]]
    values = [0.0, first, second, fourth, 0.8 * fourth, PERMANENT_PART * fourth, PERMANENT_PART * fourth]
    return np.interp(np.arange(QUARTERS), quarters, values)


def _food_levels(rows: pd.DataFrame, facts: Calibration, city: np.ndarray) -> np.ndarray:
    common = _food_common(rows, facts, city)
    curfew = _curfew(facts.quarters)
    levels = np.empty((len(rows), QUARTERS))
    for i, row in enumerate(rows.itertuples()):
        second = np.log1p(row.yoy_2020q2) + city[Q["20192"]]
        levels[i] = common - common[Q["20202"]] + second
        levels[i, :4] = city[:4]
        levels[i] += curfew * _curfew_depth(row, levels[i], city)
    return levels


def _food_common(rows: pd.DataFrame, facts: Calibration, city: np.ndarray) -> np.ndarray:
    """(24,) cumulated median change of alley food sales without season; that of the city before and after."""
    change = facts.quarters["food_qoq_p50"].to_numpy(float)
    weight = rows["stores"].to_numpy() * rows["store_sales_krw"].to_numpy()
    season = np.average(seasons(rows), axis=0, weights=weight)
    own = change - np.diff(np.tile(season, QUARTERS // 4), prepend=season[0])
    return np.cumsum(np.where(np.isnan(change), np.diff(city, prepend=0.0), own))


def _curfew(quarters: pd.DataFrame) -> np.ndarray:
    evening = quarters["food_evening_share"].to_numpy(float)
    strength = (EVENING_BEFORE - evening) / (EVENING_BEFORE - EVENING_2020Q4)
    strength[: Q["20204"]] = 0.0
    return np.clip(np.nan_to_num(strength), 0.0, CURFEW_LIMIT)


def _curfew_depth(row: Any, level: np.ndarray, city: np.ndarray) -> float:
    """Change of this industry in 2020Q4 beyond that of all food industries; 0 where no figure is known."""
    if np.isnan(row.yoy_2020q4):
        return 0.0
    return np.log1p(row.yoy_2020q4) + city[Q["20194"]] - level[Q["20204"]]


def _matched_to_city(levels: np.ndarray, food: np.ndarray, facts: Calibration) -> np.ndarray:
    """Levels of all but the food industries shifted so that the sum follows the city's mean."""
    rows = facts.industries
    weight = (rows["stores"] * rows["store_sales_krw"]).to_numpy()[:, None]
    sales = weight * np.exp(levels + np.tile(seasons(rows), QUARTERS // 4))
    city = facts.quarters["city_mean_krw"].to_numpy(float)
    target = sales[:, :4].sum() / 4 * city / city[:4].mean()
    shift = np.log(np.maximum(target - sales[food].sum(axis=0), 0.3 * target) / sales[~food].sum(axis=0))
    # Small shifts in 2019 and in the two quarters of 2020 that have figures by industry.
    shift[[0, 1, 2, 3, Q["20202"], Q["20204"]]] *= 0.3
    levels[~food] += shift
    return levels
