"""Probability of default within twelve months."""
