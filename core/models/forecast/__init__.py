"""Forecasts of sales: of each business of the bank one to three months ahead, of each trade area one quarter ahead."""

from collections.abc import Callable

Progress = Callable[[str, float], None]  # name of the step, share of the work that is done
