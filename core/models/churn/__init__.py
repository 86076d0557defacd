"""Chance that an active customer leaves, and who came and went."""
