"""The version of a piece of code: a hash of everything of ours that decides what it computes.

That is its module, every module of ours that it imports (directly or not), and every SQL file and reference file that
these modules name. Comments, docstrings and import lines do not count, nor does the place of a file: moving a module
changes nothing, changing one line of SQL does. core/policy.toml is no part of it: decisions are data.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core.config import POLICY, REFERENCE, ROOT

PACKAGE = __package__


def code_version(module: str, root: Path = ROOT) -> str:
    """Version of the code behind a module: twelve hex digits.

    Parameters
    ----------
    module : its dotted name, usually `__name__`
    root : the folder that holds the package

    >>> code_version("core.calendar") == code_version("core.calendar")
    True
    """
    parts = sorted(part for name in modules(module, root) for part in _parts(name, root))
    return hashlib.sha256("\n".join(dict.fromkeys(parts)).encode()).hexdigest()[:12]


def modules(module: str, root: Path = ROOT) -> set[str]:
    """The module and every module of ours that it imports, directly or not; packages stand for their __init__.py."""
    names: set[str] = set()
    open_names = {module}
    while open_names:
        name = open_names.pop()
        names.add(name)
        open_names |= _imported(name, root) - names
    return names


@cache
def _imported(module: str, root: Path) -> frozenset[str]:
    """Modules of ours that one module imports, also inside its functions, and the packages they lie in."""
    names: set[str] = set()
    for node in ast.walk(_tree(module, root)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parents = {name.rsplit(".", part)[0] for name in names for part in range(1, name.count(".") + 1)}
    return frozenset(name for name in names | parents if _file(name, root) is not None)


def _file(module: str, root: Path) -> Path | None:
    """File of a module of ours, None for all others."""
    if module.split(".")[0] != PACKAGE:
        return None
    place = root.joinpath(*module.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.exists()), None)


@cache
def _tree(module: str, root: Path) -> ast.Module:
    file = _file(module, root)
    if file is None:
        raise ModuleNotFoundError(f"{module} is no module of {root}")
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def _parts(module: str, root: Path) -> frozenset[str]:
    """Hashes of what one module contributes: its code, and the files that it names."""
    tree = ast.parse(ast.unparse(_tree(module, root)))  # a copy: the names of files are taken out of it
    files: set[Path] = set()
    for constant in [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]:
        named = list(_named(constant.value, root, module))
        if named:
            files.update(named)
            constant.value = "file"
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            node.body = [statement for statement in node.body if not _is_silent(statement)]  # type: ignore[attr-defined]
    code = ast.dump(tree)
    return frozenset({_hash(code.encode()), *(_hash(file.read_bytes()) for file in files)})


def _named(value: object, root: Path, module: str) -> Iterator[Path]:
    """Files that a string of a module names.

    One of data/reference, one beside the module, one of SQL, or, where a name is put together at run time, the SQL
    files of the folder that the string names.
    """
    if not isinstance(value, str) or not value or "\n" in value or " " in value:
        return
    beside = root.joinpath(*module.split(".")[:-1], value)
    candidates = {root / REFERENCE.relative_to(ROOT) / value, root / f"{value}.sql", beside}
    yield from (file for file in candidates - {root / POLICY.relative_to(ROOT)} if file.is_file())
    if value.startswith(f"{PACKAGE}/"):
        yield from (file for folder in (value, f"{value}/sql") for file in sorted((root / folder).glob("*.sql")))


def _is_silent(statement: ast.stmt) -> bool:
    """Does it compute nothing: an import, a docstring?"""
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, ast.Import | ast.ImportFrom)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
