"""What to offer a customer who may leave, and is it worth the cost? A ranked list with a hold-out group.

    expected value = chance of leaving x worth of the customer over two years - cost of the offer

Whether an offer keeps anybody is unknown until some customers have been left without one: every row says
effect_verified = false, the value is an upper bound, and a tenth drawn by hash gets no offer.

Reads  advice_facts, advice_conditions, drivers, data/reference/retention_offers.csv, [retention] of policy.toml
Writes retention_choices (every offer), retention_offers (one row a business)
"""

from core import db
from core.config import REFERENCE, policy

OFFERS = REFERENCE / "retention_offers.csv"


def offer(con: db.Connection) -> int:
    """Write the offers of everybody at level watch or above; the number of businesses."""
    decided = dict(policy()["retention"])
    drawn = {"campaign": decided.pop("campaign"), "holdout_share": decided.pop("holdout_share")}
    params = decided | {"offers": str(OFFERS), "lgd": policy()["default"]["lgd"]}
    db.create_table(con, "retention_choices", "core/advice/sql/retention_choices", params)
    return db.create_table(con, "retention_offers", "core/advice/sql/retention_offers", drawn)
