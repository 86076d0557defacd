"""Retention offers: what to offer a customer who may leave, whether it is worth its cost, and a hold-out group.

    expected value = chance of leaving x worth of the customer over two years - cost of the offer

Whether an offer keeps anybody is unknown until some customers have been left without one: every row has
effect_verified = false, the value is an upper bound, and a tenth drawn by hash gets no offer.

Reads  advice_facts, advice_conditions, drivers, data/reference/retention_offers.csv, [retention] of policy.toml
Writes retention_choices (every offer), retention_offers (one row a business)
"""

from core import db, reference
from core.config import policy

OFFERS = reference.file("retention_offers.csv")


def write_offers(con: db.Connection) -> int:
    """Write the offers of every business at level watch or above; the number of businesses."""
    choices = dict(policy()["retention"])
    draw = {"campaign": choices.pop("campaign"), "holdout_share": choices.pop("holdout_share")}
    choices |= {"offers": str(OFFERS), "lgd": policy()["default"]["lgd"]}
    db.create_table(con, "retention_choices", "core/advice/sql/retention_choices", choices)
    return db.create_table(con, "retention_offers", "core/advice/sql/retention_offers", draw)
