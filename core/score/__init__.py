"""Opportunity score of a business (docs/score.md), its seasonal index, the ledger of its moves, and market scores."""
