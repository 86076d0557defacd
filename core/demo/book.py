"""The demo bank's book: its businesses with place, industry, dates and size, and hidden traits (quality, taste, …)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from core.demo import names
from core.demo.bank_files import table
from core.demo.calibration import Calibration
from core.demo.places import Places, near
from core.demo.timeline import MONTHS, Streams, random_day

TASTES = 6
# Standard deviation of log usual sales of a business around its industry and area.
SIZE_SD = 0.75
SINCE_BEFORE_2019 = 0.62
NEWLY_FOUNDED = 0.45
# Industries are more even in a bank than in the city: 1 for the mix of the city, 0 for equal numbers.
INDUSTRY_MIX = 0.7
# Share of businesses with a manager of the branch nearby.
NEARBY_BRANCH_SHARE = 0.85
# A business borrows if leverage and noise exceed this: about two thirds do (survey of 2023: 61 % have debt).
BORROWS_ABOVE = -0.70
LAST_BIRTH_YEAR = 2004


@dataclass(frozen=True)
class Book:
    """Arrays with one entry a business of the chunk; `since` (customer) and `opened` are month numbers."""

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
    borrows: np.ndarray
    pandemic: np.ndarray
    taste: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


def demo_book(facts: Calibration, places: Places, first: int, n: int, streams: Streams) -> Book:
    """Businesses `first` to `first + n - 1`."""
    rng = streams("book")
    industry, area = _industry_and_area(facts, places, n, rng)
    since, age = _since(n, rng)
    since_on = random_day(since, rng)
    usual = np.log(facts.industries["store_sales_krw"].to_numpy() / 3)[industry]
    size, quality, discipline, leverage, pandemic = streams("traits").normal(size=(5, n))
    return Book(
        ids=np.array([f"B{i:07d}" for i in range(first, first + n)]),
        industry=industry,
        area=area,
        log_sales=usual + places.areas["price"].to_numpy()[area] + SIZE_SD * size,
        since=since,
        opened=since - age,
        # Opened and customer in the same month: opened first.
        opened_on=np.minimum(random_day(since - age, rng), since_on),
        since_on=since_on,
        quality=0.6 * quality,
        discipline=discipline,
        leverage=leverage,
        borrows=leverage + 0.7 * rng.normal(size=n) > BORROWS_ABOVE,
        pandemic=np.exp(0.4 * pandemic - 0.08),
        taste=_taste(facts, industry, streams),
    )


def _industry_and_area(
    facts: Calibration, places: Places, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Industry and area of each business."""
    mix = facts.industries["stores"].to_numpy() ** INDUSTRY_MIX
    share = facts.districts.set_index("district_code")["sales_share"]
    size = np.sqrt(places.areas["stores_factor"] * places.areas["district_code"].map(share)).to_numpy()
    return rng.choice(len(mix), n, p=mix / mix.sum()), rng.choice(len(size), n, p=size / size.sum())


def _since(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Month in which the business became a customer, and its age in months then."""
    before = -1 - rng.exponential(48, n).astype(int).clip(0, 240)
    since = np.where(rng.random(n) < SINCE_BEFORE_2019, before, rng.integers(0, MONTHS - 1, n))
    older = 3 + rng.exponential(40, n).astype(int).clip(0, 360)
    return since, np.where(rng.random(n) < NEWLY_FOUNDED, rng.integers(0, 3, n), older)


def _taste(facts: Calibration, industry: np.ndarray, streams: Streams) -> np.ndarray:
    """(n, TASTES) taste of each business; a part is that of its category, the same in all chunks."""
    categories, category = np.unique(facts.industries["category"], return_inverse=True)
    shared = Streams(streams.seed)("taste of categories").normal(size=(len(categories), TASTES))
    return 0.6 * shared[category][industry] + streams("taste").normal(size=(len(industry), TASTES))


def businesses(
    book: Book, status: pd.DataFrame, facts: Calibration, places: Places, staff: pd.DataFrame, streams: Streams
) -> pa.Table:
    """Table businesses, with missing values where the contract allows them."""
    rng = streams("businesses")
    areas = places.areas.iloc[book.area].reset_index(drop=True)
    codes = facts.industries["industry_code"].to_numpy()[book.industry]
    lat, lon = near(places, book.area, rng)
    has_district, has_area, has_point = _known_places(len(book), rng)
    return table(
        business_id=book.ids,
        name=names.shop_names(codes, areas["district_name"].to_numpy(), streams("names")),
        registration_no=names.registration_numbers(len(book), streams("registration numbers")),
        industry_code=codes,
        district_code=areas["district_code"].where(has_district),
        trade_area_code=areas["area_code"].where(has_area),
        lat=pd.Series(lat).where(has_point),
        lon=pd.Series(lon).where(has_point),
        opened_on=book.opened_on,
        customer_since=book.since_on,
        manager_id=_managers(areas["district_code"], staff, rng),
        employees=_employees(book, rng),
        owner_birth_year=_birth_years(book, rng),
        status=status["status"],
        status_on=status["status_on"].to_numpy().astype("datetime64[D]"),
    )


def _known_places(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True where the bank has the district, the trade area, the coordinates: at least one; a fifth has no district."""
    draws = rng.random(n)
    has_district = draws >= 0.20
    has_area = (draws < 0.14) | (has_district & (rng.random(n) < 0.86))
    has_point = ((draws >= 0.14) & (draws < 0.20)) | (rng.random(n) < 0.55)
    return has_district, has_area, has_point


def _managers(district: pd.Series, staff: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Manager of each business: most of the branch nearby, the others of any; branches follow the district codes."""
    branches = staff["branch"].nunique()
    _, number, counts = np.unique(district, return_inverse=True, return_counts=True)
    # Branches are cut by businesses, so that all have about as many.
    position = np.cumsum(counts)[number] - rng.random(len(number)) * counts[number]
    nearby = (position / len(number) * branches).astype(int).clip(0, branches - 1)
    anywhere = rng.integers(0, branches, len(number))
    branch = np.where(rng.random(len(number)) < NEARBY_BRANCH_SHARE, nearby, anywhere)
    manager = ((branch + rng.random(len(number))) * len(staff) / branches).astype(int)
    return staff["manager_id"].to_numpy()[manager]


def _employees(book: Book, rng: np.random.Generator) -> pd.arrays.IntegerArray:
    workers = np.exp(0.45 * (book.log_sales - np.log(8e6)) + rng.normal(0, 0.4, len(book)))
    known = rng.random(len(book)) < 0.93
    return pd.array(np.where(known, np.rint(workers).clip(0, 60), np.nan), dtype="Int64")


def _birth_years(book: Book, rng: np.random.Generator) -> pd.arrays.IntegerArray:
    founded = book.opened_on.astype("datetime64[Y]").astype(int) + 1970
    born = founded - np.rint(rng.normal(42, 10, len(book))).clip(20, 70)
    known = rng.random(len(book)) < 0.95
    return pd.array(np.where(known, np.minimum(born, LAST_BIRTH_YEAR), np.nan), dtype="Int64")
