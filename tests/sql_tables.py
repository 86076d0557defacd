"""What a statement does to tables, read from its syntax tree (sqlglot): reads, creates, inserts, drops."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

DIALECT = "duckdb"
logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of every PIVOT statement, see _tables


@dataclass
class TableUse:
    """Names of the tables that a statement reads, creates, fills and drops."""

    reads: set[str] = field(default_factory=set)
    creates: set[str] = field(default_factory=set)
    fills: set[str] = field(default_factory=set)
    drops: set[str] = field(default_factory=set)


@cache
def table_use(sql: str) -> TableUse:
    """What the statements of a text do, taken together.

    >>> use = table_use("CREATE TABLE a AS WITH b AS (FROM c) SELECT * FROM b JOIN d USING (n)")
    >>> sorted(use.reads), sorted(use.creates)
    (['c', 'd'], ['a'])
    """
    use = TableUse()
    for statement in sqlglot.parse(sql, dialect=DIALECT):
        if statement is not None:
            _add(use, statement)
    return use


def _add(use: TableUse, statement: exp.Expression) -> None:
    target = _target(statement)
    if isinstance(statement, exp.Create) and statement.kind in ("TABLE", "VIEW"):
        use.creates.add(target)
    elif isinstance(statement, exp.Drop):
        use.drops.add(target)
    elif isinstance(statement, exp.Insert | exp.Delete | exp.Update):
        use.fills.add(target)
    use.reads |= {name for query in _queries(statement) for name in _tables(query)}


def _target(statement: exp.Expression) -> str:
    table = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    return name_of(table) if isinstance(table, exp.Table) else ""


def _queries(statement: exp.Expression) -> list[exp.Expression]:
    """The SELECTs of a statement, outermost only."""
    if isinstance(statement, exp.Query):
        return [statement]
    inner = statement.expression
    if isinstance(inner, exp.Query):
        if statement.args.get("with_"):
            inner.set("with_", statement.args["with_"])
        return [inner]
    return list(statement.find_all(exp.Subquery)) if isinstance(statement, exp.Delete | exp.Update) else []


def _tables(query: exp.Expression) -> Iterator[str]:
    """Tables that a query reads; what it defines in WITH is none.

    sqlglot resolves no names inside a PIVOT or UNPIVOT that stands as a statement: they are taken as they stand.
    """
    pivots = {cte.alias: cte.this for cte in query.find_all(exp.CTE) if isinstance(cte.this, exp.Pivot)}
    for pivot in pivots.values():
        inner = {name_of(table) for table in pivot.find_all(exp.Table) if isinstance(table.this, exp.Identifier)}
        yield from inner - {cte.alias for cte in query.find_all(exp.CTE)}
    for scope in traverse_scope(query):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier) and source.name not in pivots:
                yield name_of(source)


def name_of(table: exp.Table) -> str:
    """Name of a table with its schema, where it has one."""
    return f"{table.db}.{table.name}" if table.db else table.name
