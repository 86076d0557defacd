"""Who banks here? One row a business: where, what, since when, how large, and what nobody sees (quality, leverage, taste)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.sources.demo import names
from core.sources.demo.calibration import Calibration
from core.sources.demo.market import Market
from core.sources.demo.places import Places, near
from core.sources.demo.timeline import LAST_DAY, MONTHS, day_in, stream

TASTES = 6
# Log deviation of a shop's usual sales around its industry and area.
SIZE_SD = 0.75
SINCE_BEFORE = 0.62
# A bank's book is less lopsided than the street: Korean food is 14 % of all shops.
INDUSTRY_EVENNESS = 0.7
HOME_DISTRICT = 0.85


@dataclass(frozen=True)
class Book:
    """Arrays with one entry a business of this chunk; `since` is the month index of the first month with the bank."""

    ids: np.ndarray
    industry: np.ndarray
    area: np.ndarray
    log_sales: np.ndarray
    since: np.ndarray
    opened: np.ndarray
    opened_on: np.ndarray
    since_on: np.ndarray
    quality: np.ndarray
    discipline: np.ndarray
    leverage: np.ndarray
    pandemic: np.ndarray
    taste: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


def made_up_book(facts: Calibration, places: Places, market: Market, first: int, n: int, seed: int, chunk: int) -> Book:
    """Businesses `first` to `first + n - 1`."""
    rng = stream(seed, "book", chunk)
    industry, area = _where(facts, places, n, rng)
    since, gap = _since(n, rng)
    since_on = day_in(since, rng)
    # Founded and welcomed in the same month: founded first.
    opened_on = np.minimum(day_in(since - gap, rng), since_on)
    price = places.areas["price"].to_numpy()[area]
    log_sales = np.log(facts.industries["store_sales_krw"].to_numpy()[industry] / 3) + price - 0.05
    hidden = rng.normal(size=(5, n))
    return Book(
        ids=np.array([f"B{i:07d}" for i in range(first, first + n)]),
        industry=industry,
        area=area,
        log_sales=log_sales + SIZE_SD * hidden[0],
        since=since,
        opened=since - gap,
        opened_on=opened_on,
        since_on=since_on,
        quality=0.6 * hidden[1],
        discipline=hidden[2],
        leverage=hidden[3],
        pandemic=np.exp(0.4 * hidden[4] - 0.08),
        taste=_taste(facts, industry, rng),
    )


def _where(facts: Calibration, places: Places, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    weight = facts.industries["stores"].to_numpy() ** INDUSTRY_EVENNESS
    industry = rng.choice(len(weight), n, p=weight / weight.sum())
    size = np.sqrt(places.areas["stores_factor"].to_numpy())
    district = facts.districts.set_index("district_code")["sales_share"] ** 0.5
    size = size * places.areas["district_code"].map(district).to_numpy()
    return industry, rng.choice(len(size), n, p=size / size.sum())


def _since(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Month the business became a customer, and how many months it had existed by then."""
    before = rng.random(n) < SINCE_BEFORE
    since = np.where(before, -1 - rng.exponential(48, n).astype(int).clip(0, 240), rng.integers(0, MONTHS - 1, n))
    new = rng.random(n) < 0.45
    return since, np.where(new, rng.integers(0, 3, n), 3 + rng.exponential(40, n).astype(int).clip(0, 360))


def _taste(facts: Calibration, industry: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, TASTES): what a business likes; half of it shared with its category."""
    _, category = np.unique(facts.industries["category"], return_inverse=True)
    shared = np.random.default_rng(7).normal(size=(category.max() + 1, TASTES))
    return 0.6 * shared[category][industry] + rng.normal(size=(len(industry), TASTES))


def businesses(
    book: Book, facts: Calibration, places: Places, branch_of_district: dict[str, int],
    staff: pd.DataFrame, status: pd.DataFrame, seed: int, chunk: int,
) -> pd.DataFrame:  # fmt: skip
    """The table of the contract: one row a business, with gaps where the contract allows them."""
    rng = stream(seed, "businesses", chunk)
    areas = places.areas.iloc[book.area].reset_index(drop=True)
    codes = facts.industries["industry_code"].to_numpy()[book.industry]
    lat, lon = near(places, book.area, rng)
    has_code, has_area, has_point = _known_places(len(book), rng)
    return pd.DataFrame(
        {
            "business_id": book.ids,
            "name": names.shop_names(codes, areas["district_name"].to_numpy(), rng),
            "registration_no": names.registration_numbers(len(book), rng),
            "industry_code": codes,
            "district_code": areas["district_code"].where(has_code),
            "trade_area_code": areas["area_code"].where(has_area),
            "lat": pd.Series(lat).where(has_point),
            "lon": pd.Series(lon).where(has_point),
            "opened_on": book.opened_on,
            "customer_since": book.since_on,
            "manager_id": _manager(areas["district_code"], branch_of_district, staff, rng),
            "employees": _employees(book, rng),
            "owner_birth_year": pd.array(_birth_year(book, rng), dtype="Int64"),
            "status": status["status"],
            "status_on": status["status_on"],
        }
    )


def _known_places(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which of district, trade area, coordinates the bank has: at least one; a fifth has no district."""
    luck = rng.random(n)
    has_code = luck >= 0.20
    has_area = (luck < 0.14) | (has_code & (rng.random(n) < 0.86))
    has_point = ((luck >= 0.14) & (luck < 0.20)) | (rng.random(n) < 0.55)
    return has_code, has_area, has_point


def branches_of_districts(facts: Calibration, branches: int) -> dict[str, int]:
    """Neighbouring districts to one of (at most) four home branches, by code; more branches share them."""
    codes = facts.districts["district_code"].tolist()
    return {code: i * min(branches, len(codes)) // len(codes) for i, code in enumerate(codes)}


def _manager(district: pd.Series, home: dict[str, int], staff: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Most shops belong to a manager of the district's branch, some to any."""
    _, branch = np.unique(staff["branch"], return_inverse=True)
    order = pd.unique(staff["branch"])
    _, number = np.unique(order, return_inverse=True)
    at_home = rng.random(len(district)) < HOME_DISTRICT
    luck = rng.random(len(district))
    wanted = number[district.map(home).to_numpy()]
    chosen = (luck * len(staff)).astype(int)
    for b in range(len(order)):
        own = np.flatnonzero(branch == b)
        here = at_home & (wanted == b)
        chosen[here] = own[(luck[here] * len(own)).astype(int)]
    return staff["manager_id"].to_numpy()[chosen]


def _employees(book: Book, rng: np.random.Generator) -> pd.arrays.IntegerArray:
    workers = np.exp(0.45 * (book.log_sales - np.log(8e6)) + rng.normal(0, 0.4, len(book)))
    known = rng.random(len(book)) < 0.93
    return pd.array(np.where(known, np.rint(workers).clip(0, 60), np.nan), dtype="Int64")


def _birth_year(book: Book, rng: np.random.Generator) -> np.ndarray:
    founded = book.opened_on.astype("datetime64[Y]").astype(int) + 1970
    year = np.minimum(founded - np.rint(rng.normal(42, 10, len(book))).clip(20, 70), LAST_DAY.astype(object).year - 20)
    return np.where(rng.random(len(book)) < 0.95, year, np.nan)
