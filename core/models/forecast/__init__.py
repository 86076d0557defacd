"""Forecasts of sales: of each business of the bank one to three months ahead, of each trade area one quarter ahead."""
