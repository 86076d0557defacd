"""The market in the format of the city's files: estimated sales by year, stores, footfall, areas.

Headers and their order are those published since 2024, encoding (cp949) and quotes those of the city.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from core.demo.calibration import Calibration
from core.demo.market import Market
from core.demo.places import Places
from core.demo.timeline import FIRST_YEAR, QUARTER_LABELS, QUARTERS

KEYS = ["기준_년분기_코드", "상권_구분_코드", "상권_구분_코드_명", "상권_코드", "상권_코드_명"]
INDUSTRY = ["서비스_업종_코드", "서비스_업종_코드_명"]
DAYS = [f"{day}요일" for day in "월화수목금토일"]
HOURS = ["00~06", "06~11", "11~14", "14~17", "17~21", "21~24"]
SEXES = ["남성", "여성"]
AGES = ["연령대_10", "연령대_20", "연령대_30", "연령대_40", "연령대_50", "연령대_60_이상"]
# Published sales by sex and age cover only the part that card companies can assign.
KNOWN_PERSON = 0.87
# Hours and weekdays of services and retail: own choice (sales by day, five working days).
DAY_TRADE_HOURS = np.array([0.015, 0.17, 0.23, 0.215, 0.29, 0.08])
WORK_WEEK = np.array([0.152, 0.150, 0.152, 0.149, 0.158, 0.139, 0.100])
SHARE_NOISE = 0.18
# Industries with chain stores: bakery, fast food, chicken, coffee, convenience stores.
CHAIN_INDUSTRIES = ("CS100005", "CS100006", "CS100007", "CS100010", "CS300002")
FOOTFALL_SD = 0.117


def write_city(folder: Path, facts: Calibration, places: Places, market: Market, rng: np.random.Generator) -> dict:
    """Write all city files; returns the number of rows by table."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {"market_areas": _write_areas(folder, places.areas)}
    rows["market_sales"] = sum(
        _write_sales(folder, year, facts, places.areas, market, rng) for year in range(QUARTERS // 4)
    )
    rows["market_stores"] = _write_stores(folder, facts, places.areas, market)
    rows["market_footfall"] = _write_footfall(folder, facts, places.areas, market, rng)
    return rows


def _write_csv(path: Path, columns: dict) -> int:
    """Write columns as the city does: cp949, everything quoted; returns the number of rows."""
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink, csv.WriteOptions(quoting_style="all_valid"))
    path.write_bytes(sink.getvalue().to_pybytes().decode().encode("cp949"))
    return table.num_rows


def _write_areas(folder: Path, areas: pd.DataFrame) -> int:
    columns = {
        "상권_구분_코드": areas["kind"],
        "상권_구분_코드_명": areas["kind_name"],
        "상권_코드": areas["area_code"],
        "상권_코드_명": areas["area_name"],
        "엑스좌표_값": areas["x5181"],
        "와이좌표_값": areas["y5181"],
        "자치구_코드": areas["district_code"],
        "자치구_코드_명": areas["district_name"],
        "행정동_코드": areas["dong_code"],
        "행정동_코드_명": areas["dong_name"],
        "영역_면적": areas["area_m2"],
    }
    return _write_csv(folder / "데모_영역-상권.csv", columns)


def _keys(areas: pd.DataFrame, area: np.ndarray, quarter: np.ndarray) -> dict:
    chosen = areas.iloc[area]
    values = [QUARTER_LABELS[quarter], chosen["kind"], chosen["kind_name"], chosen["area_code"], chosen["area_name"]]
    return dict(zip(KEYS, values, strict=True))


def _industry(facts: Calibration, industry: np.ndarray) -> dict:
    chosen = facts.industries.iloc[industry]
    return dict(zip(INDUSTRY, [chosen["industry_code"], chosen["name_ko"]], strict=True))


def _write_sales(
    folder: Path, year: int, facts: Calibration, areas: pd.DataFrame, market: Market, rng: np.random.Generator
) -> int:
    quarters = slice(4 * year, 4 * year + 4)
    cell, quarter = np.nonzero(market.present[:, quarters])
    quarter = quarter + 4 * year
    order = np.lexsort((cell, quarter))
    cell, quarter = cell[order], quarter[order]
    industry = market.cells["industry"].to_numpy()[cell]
    sales = np.rint(np.exp(market.log_sales[cell, quarter])).astype(np.int64)
    ticket = facts.industries["ticket_krw"].to_numpy()[industry] * rng.lognormal(0.0, 0.15, len(cell))
    count = np.maximum(np.rint(sales / ticket), 1).astype(np.int64)
    shares = part_shares(facts, industry, quarter, rng)
    columns = _keys(areas, market.cells["area"].to_numpy()[cell], quarter) | _industry(facts, industry)
    columns |= {"당월_매출_금액": sales, "당월_매출_건수": count}
    columns |= _parts(sales, shares, "금액") | _parts(count, shares, "건수")
    return _write_csv(folder / f"데모_추정매출-상권_{FIRST_YEAR + year}년.csv", columns)


def part_shares(
    facts: Calibration, industry: np.ndarray, quarter: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """(n, k) shares of sales by weekday, hour, sex and age; food as observed, evenings of the curfew included."""
    food = (facts.industries["family"] == "food").to_numpy()[industry][:, None]
    known = facts.facts
    names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    days = np.where(food, [known[f"food_share_{name}"] for name in names], WORK_WEEK)
    hours = np.where(food, _food_hours(facts)[quarter], DAY_TRADE_HOURS)
    sexes = np.tile([known["food_share_men"], known["food_share_women"]], (len(industry), 1))
    ages = np.tile([known[f"food_share_age_{age}"] for age in (10, 20, 30, 40, 50, 60)], (len(industry), 1))
    expected = {"days": days, "hours": hours, "sexes": sexes, "ages": ages}
    noisy = {name: share * rng.lognormal(0, SHARE_NOISE, share.shape) for name, share in expected.items()}
    return {name: share / share.sum(axis=1, keepdims=True) for name, share in noisy.items()}


def _food_hours(facts: Calibration) -> np.ndarray:
    """(24, 6) shares of food sales by hour; before and after the observed quarters the first and last value."""
    table = facts.quarters[["food_night_share", "food_evening_share"]].ffill().bfill().to_numpy()
    day = np.array([facts.facts[f"food_share_hours_{hour}"] for hour in ("06", "11", "14", "17")])
    rest = (1 - table.sum(axis=1, keepdims=True)) * day / day.sum()
    return np.hstack([table[:, :1], rest, table[:, 1:]])


def split(total: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """(n, k) whole parts of `total` by `shares`; where the shares add up to 1, the parts add up to the total.

    >>> split(np.array([10]), np.array([[0.26, 0.26, 0.48]])).tolist()
    [[3, 2, 5]]
    """
    edges = np.rint(np.cumsum(shares, axis=1) * total[:, None]).astype(np.int64)
    return np.diff(edges, axis=1, prepend=0)


def _parts(total: np.ndarray, shares: dict[str, np.ndarray], unit: str) -> dict:
    days, hours = split(total, shares["days"]), split(total, shares["hours"])
    known = np.rint(total * KNOWN_PERSON).astype(np.int64)
    sexes, ages = split(known, shares["sexes"]), split(known, shares["ages"])
    # The city's counts by hour are headed 시간대_건수~06, its amounts 시간대_00~06.
    hour_names = [f"시간대_{hour}" if unit == "금액" else f"시간대_건수~{hour[3:]}" for hour in HOURS]
    named = {"주중": days[:, :5].sum(axis=1), "주말": days[:, 5:].sum(axis=1)}
    for names, values in ((DAYS, days), (hour_names, hours), (SEXES, sexes), (AGES, ages)):
        named |= dict(zip(names, values.T, strict=True))
    return {f"{name}_매출_{unit}": values for name, values in named.items()}


def _write_stores(folder: Path, facts: Calibration, areas: pd.DataFrame, market: Market) -> int:
    quarter, cell = np.divmod(np.arange(QUARTERS * len(market.cells)), len(market.cells))
    industry = market.cells["industry"].to_numpy()[cell]
    similar = market.stores[cell, quarter]
    opened, closed = market.opened[cell, quarter], market.closed[cell, quarter]
    franchise = np.rint(similar * np.isin(facts.industries["industry_code"], CHAIN_INDUSTRIES)[industry] * 0.35).astype(
        int
    )
    columns = _keys(areas, market.cells["area"].to_numpy()[cell], quarter) | _industry(facts, industry)
    columns |= {
        "점포_수": similar - franchise,
        "유사_업종_점포_수": similar,
        "개업_율": np.rint(100 * opened / similar).astype(int),
        "개업_점포_수": opened,
        "폐업_률": np.rint(100 * closed / similar).astype(int),
        "폐업_점포_수": closed,
        "프랜차이즈_점포_수": franchise,
    }
    return _write_csv(folder / "데모_점포-상권.csv", columns)


def _write_footfall(
    folder: Path, facts: Calibration, areas: pd.DataFrame, market: Market, rng: np.random.Generator
) -> int:
    quarter, area = np.divmod(np.arange(QUARTERS * len(areas)), len(areas))
    base = np.log(facts.facts["footfall_area_mean"]) - 0.4 + rng.normal(0, 0.9, len(areas))
    change = rng.normal(0, FOOTFALL_SD, (len(areas), QUARTERS)) + 0.3 * market.area_level
    people = np.rint(np.exp(base[:, None] + change))[area, quarter].astype(np.int64)
    shares = part_shares(facts, np.zeros(len(people), dtype=int), quarter, rng)
    # Footfall has a sex and an age for everybody.
    named = {"총": people}
    hours = [f"시간대_{hour.replace('~', '_')}" for hour in HOURS]
    groups = ((SEXES, "sexes"), (AGES, "ages"), (hours, "hours"), (DAYS, "days"))
    for names, kind in groups:
        named |= dict(zip(names, split(people, shares[kind]).T, strict=True))
    columns = _keys(areas, area, quarter) | {f"{name}_유동인구_수": values for name, values in named.items()}
    return _write_csv(folder / "데모_길단위인구-상권.csv", columns)
