"""The opportunity score: components, season, tiers, what moved it, and the market it is compared with."""
