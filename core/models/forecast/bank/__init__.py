"""Forecasts of the sales of each business of the bank, one to three months ahead."""
