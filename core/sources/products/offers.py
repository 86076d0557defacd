"""Offers of all companies in one form for all services of finlife.

offers: one row a product; rates: one row an option and credit band. Rates are fractions a year, limits won.
"""

from dataclasses import asdict
from typing import Any

import pyarrow as pa

from core.sources.products import finlife
from core.sources.products.store import Origin

# How the service writes "no upper limit"; an empty limit is unknown, which is not the same.
NO_LIMIT = 999_999_999
ORIGIN = [("source", pa.string()), ("fetched_at", pa.string()), ("payload_sha256", pa.string())]
OFFERS = pa.schema(
    [(name, pa.string()) for name in ("offer_id", "service", "kind", "fin_group", "company_no", "company", "name")]
    + [("product_type", pa.string()), ("is_own", pa.bool_()), ("words", pa.string()), ("join_way", pa.string())]
    + [("limit_krw", pa.int64()), ("has_no_limit", pa.bool_()), ("term_months_min", pa.int32())]
    + [("term_months_max", pa.int32()), ("rate_min", pa.float64()), ("rate_max", pa.float64())]
    + [("disclosed_month", pa.string()), *ORIGIN]
)
RATES = pa.schema(
    [(name, pa.string()) for name in ("offer_id", "component", "band", "variant")]
    + [("term_months", pa.int32()), ("rate_low", pa.float64()), ("rate_high", pa.float64())]
)
# Fields that distinguish the options of a product, besides the term.
VARIANTS = ("intr_rate_type", "rsrv_type", "mrtg_type", "rpay_type", "lend_rate_type")
WORDS = ("fin_prdt_nm", "fin_prdt_type_nm", "loan_type", "rpay_type", "use_way")
LENDING_RATE = "A"  # of credit loans: A is the rate that is paid; B, C and D are what it is made of


def offers(answer: finlife.Answer, group: str, own: str, origin: Origin) -> tuple[list[dict], list[dict]]:
    """Rows of OFFERS and RATES of one answer; `own` is the code or part of the name of the bank that asks."""
    form = finlife.spec()["services"][answer.service]
    rates: list[dict] = []
    by_product: dict[tuple[str, ...], list[dict]] = {}
    for option in answer.option:
        by_product.setdefault(finlife.key_of(option, form["key"]), []).append(option)
    rows = []
    for base in answer.base:
        options = by_product.get(finlife.key_of(base, form["key"]), [])
        offer_id = ":".join((form["kind"], *finlife.key_of(base, form["key"])))
        own_rates = [{"offer_id": offer_id} | rate for option in options for rate in _rates(option)]
        rates += own_rates
        facts = {"offer_id": offer_id, "service": answer.service, "kind": form["kind"], "fin_group": group}
        rows.append(facts | _facts(base, own) | _ranges(options, own_rates) | asdict(origin))
    return rows, rates


def _facts(base: dict, own: str) -> dict[str, Any]:
    limit = base.get("max_limit")
    company = base["kor_co_nm"]
    return {
        "company_no": base["fin_co_no"],
        "company": company,
        "name": base["fin_prdt_nm"],
        "product_type": base.get("crdt_prdt_type") or base.get("fin_prdt_type"),
        "is_own": bool(own) and (own == base["fin_co_no"] or own in company),
        "words": " ".join(str(base[field]) for field in WORDS if base.get(field)),
        "join_way": base.get("join_way"),
        "limit_krw": None if limit == NO_LIMIT else limit,
        "has_no_limit": limit == NO_LIMIT,
        "disclosed_month": base["dcls_month"],
    }


def _rates(option: dict) -> list[dict]:
    """The rates of an option: one range, or one rate a credit band; a band without lending has no row."""
    variant = "/".join(str(option[field]) for field in VARIANTS if option.get(field))
    common = {"variant": variant, "term_months": option.get("save_trm")}
    component = option.get("crdt_lend_rate_type") or LENDING_RATE
    ranges = [("intr_rate", "intr_rate2"), ("lend_rate_min", "lend_rate_max"), ("lend_rate_avg", "lend_rate_avg")]
    rows = [
        {
            "component": component,
            "band": "average" if low == high else None,
            "rate_low": min(ends),
            "rate_high": max(ends),
        }
        for low, high in ranges
        if (ends := [option[field] for field in (low, high) if option.get(field) is not None])
    ]
    rows += [
        {"component": component, "band": band, "rate_low": option[field], "rate_high": option[field]}
        for field, band in finlife.spec()["bands"].items()
        if _is_offered(option, field, component)
    ]
    return [common | row for row in rows]


def _is_offered(option: dict, field: str, component: str) -> bool:
    rate = option.get(field)
    return rate is not None and (rate > 0 or component != LENDING_RATE)


def _ranges(options: list[dict], rates: list[dict]) -> dict[str, Any]:
    terms = [option["save_trm"] for option in options if option.get("save_trm") is not None]
    paid = [rate for rate in rates if rate["component"] == LENDING_RATE]
    return {
        "term_months_min": min(terms, default=None),
        "term_months_max": max(terms, default=None),
        "rate_min": min((rate["rate_low"] for rate in paid), default=None),
        "rate_max": max((rate["rate_high"] for rate in paid), default=None),
    }
