"""The bank's own tables for `core train --model`: name -> the rows that model learns from.

Reads  the served build, attached to an in-memory database
"""

from collections.abc import Callable, Mapping

from core.db import Connection
from core.models.harness.table import Table

PROBLEMS: Mapping[str, Callable[[Connection], Table]] = {}
