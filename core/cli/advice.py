"""`python -m core recommend-eval`: recommenders compared on interactions they have not seen."""

import json
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import out, print_table


def recommend_eval(
    train: Annotated[Path, typer.Option(help="What was known: Parquet or CSV with user_id, item_id.")],
    test: Annotated[Path, typer.Option(help="What came after: the same columns.")],
    to: Annotated[Path, typer.Option("--out", help="The report to write, JSON.")],
    k: Annotated[int, typer.Option(min=1, help="How many items are recommended.")] = 10,
) -> None:
    """Compare EASE, item-kNN, ALS, BPR and popularity on any table of interactions (recall, NDCG, MAP, coverage)."""
    from core.advice import evaluation

    report = evaluation.report(evaluation.read(train), evaluation.read(test), k)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    best_first = sorted(report["models"].items(), key=lambda item: -item[1]["ndcg"])
    rows = [
        (name, *(f"{metrics[code]:.4f}" for code in ("ndcg", "recall", "map", "coverage")), f"{metrics['seconds']:.1f}")
        for name, metrics in best_first
    ]
    columns = ("model", f"NDCG@{k}", f"recall@{k}", f"MAP@{k}", "coverage", "seconds")
    print_table(columns, rows, "Recommenders compared")
    out.print(f"EASE's ridge {report['chosen']['ease_ridge']:g} was chosen inside the training part; report: {to}")
