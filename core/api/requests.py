"""Bodies of requests about payments: types, bounds, and no further fields."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from core.calendar import SEOUL
from core.payments.events import MICROSECOND, MOST_WON, START, Event

MAX_PAYMENTS = 10_000  # of a batch
FIRST_YEAR, LAST_YEAR = 2000, 2099


def whole(value: Any) -> Any:
    """42.0 is a whole number in JSON: pydantic's strict int refuses it, and its lax one would take "42" and true."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _local(at: datetime) -> datetime:
    """Korean time without an offset, as in the bank's files."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"the year must be {FIRST_YEAR} to {LAST_YEAR}")
    return at.astimezone(SEOUL).replace(tzinfo=None) if at.tzinfo else at


def _text(value: Any) -> Any:
    """Only text: pydantic would read a number as seconds since 1970."""
    if not isinstance(value, str):
        raise ValueError("must be a text such as 2024-12-03T12:30:05")
    return value


# The bounds come before the validator: pydantic's schema shows only those.
Amount = Annotated[int, Field(strict=True, ge=1, lt=MOST_WON), BeforeValidator(whole)]
Reasons = Annotated[
    int, Field(strict=True, ge=0, le=50, description="Reasons each, heaviest first."), BeforeValidator(whole)
]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.:-]+$")]
At = Annotated[
    datetime,
    BeforeValidator(_text, json_schema_input_type=datetime),
    AfterValidator(_local),
    Field(description="ISO time; Korean time when it has no offset.", examples=["2025-01-03T12:30:05"]),
]


class Payment(BaseModel):
    """A payment that is about to be made; its outcome is not yet known."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "payment_id": "P1",
                "customer_id": "U0000000192",
                "at": "2025-01-03T12:30:05",
                "amount_krw": 44_450,
                "merchant_id": "M0008468",
                "merchant_category": "korean_food",
                "method": "card",
            }
        },
    )
    payment_id: Id
    customer_id: Id
    at: At
    amount_krw: Amount
    merchant_id: Id
    merchant_category: Id
    method: Literal["card", "mobile", "transfer", "virtual_account"]

    def event(self) -> Event:
        """The payment as an event of the stream; `failed` is unknown, and no feature of this payment reads it."""
        at = (self.at - START) // MICROSECOND
        return Event(
            self.payment_id,
            self.customer_id,
            at,
            self.amount_krw,
            self.merchant_id,
            self.merchant_category,
            self.method,
            failed=0,
        )


class Payments(BaseModel):
    """Up to 10,000 payments; each is judged alone."""

    model_config = ConfigDict(extra="forbid")
    payments: list[Payment] = Field(min_length=1, max_length=MAX_PAYMENTS)
    reasons: Reasons = 3
