"""Comparison of algorithms on default, churn, payments or any table: split, search, calibrate, compare, explain.

training.train(table, out, options, tell) is the whole of it; read that module first.
"""
