"""Notes on a business: what was said and seen.

Reads and writes desk_notes.
"""

import pandas as pd

from core.desk import records, schema
from core.desk.engine import Desk
from core.desk.records import Business, Scope


def of_business(desk: Desk, scope: Scope, business_id: str) -> pd.DataFrame:
    """Notes on a business, the newest first."""
    return records.rows(desk, schema.notes, scope, schema.notes.c.business_id == business_id)


def write(desk: Desk, scope: Scope, business: Business, text: str) -> str:
    """Id of a new note."""
    return records.add(desk, schema.notes, scope, business, {"text": records.words(text)})


def edit(desk: Desk, scope: Scope, note_id: str, version: int, text: str) -> None:
    """Change the words of a note that still is of this version."""
    records.change(desk, schema.notes, scope, note_id, version, {"text": records.words(text)})
