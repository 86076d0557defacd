"""One training harness for default, churn, payments and any table: split, search, calibrate, compare, say why.

training.train(table, out, options, tell) is the whole of it; read that module first.
"""
