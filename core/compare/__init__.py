"""Comparison of algorithms on default, churn, payments or any table: split, search, calibrate, compare, explain.

training.train(table, out, options, progress) does all of it; read that module first.
"""
