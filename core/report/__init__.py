"""Reports: a one-page note on a business and a manager's week, whose figures nobody can change on the way.

Figures come from a table of facts; prose carries tokens instead of them; a verifier reads both.
"""
