"""Forecasts of the sales of each trade area and industry, one quarter ahead."""
