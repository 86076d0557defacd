"""The FSS comparison service (금융상품한눈에): every service, every group of companies, every page.

One question is a service and a group (`busiLoanProductsSearch`, banks). An answer is used only if it is complete: all
pages, the announced number of rows, the documented fields. Errors come with HTTP 200 and a code; finlife.toml lists
them.

Source: https://finlife.fss.or.kr (open API), its answers of September 2026 and public clients: the FSS publishes no
specification per service.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from core.sources.products import schema
from core.sources.products.http import HttpClient, RefusedError, SchemaError, TransientError, json_object

SUCCESS = "000"
MAX_PAGES = 100  # of 100 rows each; the largest answer seen has 3


@cache
def spec() -> dict[str, Any]:
    """finlife.toml: groups, errors, services, bands.

    >>> len(spec()["services"]), len(spec()["groups"])
    (8, 5)
    """
    return tomllib.loads(Path(__file__).with_name("finlife.toml").read_text(encoding="utf-8"))


@dataclass
class Answer:
    """Base rows and option rows of one question; `left_out`: a sentence for each row that is not used."""

    service: str
    base: list[dict] = field(default_factory=list)
    option: list[dict] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass
class Client:
    """Client of finlife. `company` (code or name) limits a question to one company."""

    http: HttpClient
    key: str = field(repr=False)
    url: str

    def pages(self, service: str, group: str, company: str = "") -> tuple[list[dict], list[bytes]]:
        """All pages of the answer to a question as sent: the `result` of each page, and its bytes.

        Raises
        ------
        RefusedError : an error code; `ends_source` if no other question will be answered either
        SchemaError : no JSON, no result, or pages that do not follow each other
        TransientError : still out of reach after several tries
        """
        results: list[dict] = []
        bodies: list[bytes] = []
        last = 1
        while len(results) < last:
            page = len(results) + 1
            result, body = self._page(service, group, company, page)
            if page > 1 and _count(result, "now_page_no", service) != page:
                raise SchemaError(f"{service} was asked for page {page} and sent page {result.get('now_page_no')!r}")
            last = _count(result, "max_page_no", service)
            if last > MAX_PAGES:
                raise SchemaError(f"{service} announces {last} pages, more than {MAX_PAGES}")
            results.append(result)
            bodies.append(body)
        return results, bodies

    def _page(self, service: str, group: str, company: str, page: int) -> tuple[dict, bytes]:
        url = f"{self.url.rstrip('/')}/{service}.json"
        params = {"auth": self.key, "topFinGrpNo": group, "pageNo": str(page)}
        if company:
            params["financeCd"] = company

        def ask() -> tuple[dict, bytes]:
            body = self.http.get(url, params)
            result = json_object(url, body).get("result")
            if not isinstance(result, dict):
                raise SchemaError(f"{service} sent no result")
            self._check_code(service, result)
            return result, body

        return self.http.with_retries(ask)

    def _check_code(self, service: str, result: dict) -> None:
        """Raise unless the code of an answer is that of success."""
        code = result.get("err_cd")
        if code == SUCCESS:
            return
        error = spec()["errors"].get(str(code))
        message = self.http.mask.text(schema.clean(str(result.get("err_msg", ""))))[:200]
        if error is None:
            raise RefusedError(str(code), f"{service} answers with the unknown code {code!r} ({message})")
        text = f"{service} answers {code}, {error['name']} ({message}): {error['todo']}"
        if error["rule"] == "retry":
            raise TransientError(text)
        raise RefusedError(str(code), text, ends_source=error["rule"] == "source")


def answer(service: str, results: list[dict]) -> Answer:
    """The checked rows of all pages of a question.

    Raises
    ------
    SchemaError : a field is missing or of a wrong type, or rows are fewer or more than announced
    """
    form = spec()["services"][service]
    base = schema.check_rows(f"{service} baseList", _rows(service, results, "baseList"), form["base"])
    option = schema.check_rows(f"{service} optionList", _rows(service, results, "optionList"), form["option"])
    announced, rows = _count(results[0], "total_count", service), len(base.good) + len(base.left_out)
    if announced != rows:
        raise SchemaError(f"{service} announces {announced} rows and sent {rows}; nothing of it is used")
    whole = Answer(service, base.good, option.good, base.left_out + option.left_out)
    _leave_out(whole, form["key"])
    return whole


def _leave_out(answer: Answer, key: list[str]) -> None:
    """Leave out options without a product, and products that come twice: it is not known which of the two is right."""
    times = Counter(key_of(row, key) for row in answer.base)
    twice = sorted(name for name, count in times.items() if count > 1)
    answer.left_out += [f"{answer.service}: {'/'.join(name)} comes {times[name]} times" for name in twice]
    answer.base = [row for row in answer.base if times[key_of(row, key)] == 1]
    strays = sum(times[key_of(row, key)] != 1 for row in answer.option)
    if strays:
        answer.left_out.append(f"{answer.service}: {strays} options belong to none of the products used")
    answer.option = [row for row in answer.option if times[key_of(row, key)] == 1]


def key_of(row: dict, key: list[str]) -> tuple[str, ...]:
    """The key of a product: the company and the code, as two companies may use the same code."""
    return tuple(row[name] for name in key)


def _rows(service: str, results: list[dict], name: str) -> list:
    rows = []
    for result in results:
        page = result.get(name, [])
        if not isinstance(page, list):
            raise SchemaError(f"{service}: {name} is {type(page).__name__}, expected a list")
        rows += page
    return rows


def _count(result: dict, name: str, service: str) -> int:
    """A count, which comes as a number or as digits."""
    value = result.get(name)
    if isinstance(value, bool) or not str(value).isdigit():
        raise SchemaError(f"{service}: {name} is {value!r}, expected a number")
    return int(str(value))
