"""The models of a bank: every version that was trained, which one serves, and who decided that.

    <home>/<name>/<version>/{entry.json, the model's text files}     never changed once written
    <home>/<name>/state.json                                         champion, held, previous, history
    <home>/<name>/comparison/{report.json, predictions.parquet}      of `python -m core train --model name`

Each build registers what it trained. Without a hold the newest version that passes the gates of policy.toml becomes
champion. A person's promote or rollback holds the choice: builds then register candidates and score with the held
champion until `release`. Everything takes effect with the next build.

Files are text (JSON, LightGBM's own); loading reads them and never runs code.
"""

from core.models.registry.entries import Entry, comparison
from core.models.registry.serving import registered, served
from core.models.registry.store import (
    Decision,
    champion,
    confirm,
    entries,
    promote,
    register,
    release,
    rollback,
    settle,
    state,
)

__all__ = [
    "Decision",
    "Entry",
    "champion",
    "comparison",
    "confirm",
    "entries",
    "promote",
    "register",
    "registered",
    "release",
    "rollback",
    "served",
    "settle",
    "state",
]
