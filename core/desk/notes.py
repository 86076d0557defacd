"""Notes on a business: what was said and seen.

Reads and writes desk_notes.
"""

import pandas as pd

from core.desk import records, schema
from core.desk.engine import Desk
from core.desk.records import Business, Scope

TABLE = schema.notes


def of_business(desk: Desk, scope: Scope, business_id: str) -> pd.DataFrame:
    """Notes on a business, the newest first."""
    return records.of_business(desk, TABLE, scope, business_id)


def write(desk: Desk, scope: Scope, business: Business, text: str) -> str:
    """Id of a new note."""
    return records.add(desk, TABLE, scope, business, {"text": records.clean_text(text)})


def edit(desk: Desk, scope: Scope, note_id: str, version: int, text: str) -> None:
    """Change the text of a note, if it still has this version."""
    records.change(desk, TABLE, scope, note_id, version, {"text": records.clean_text(text)})
