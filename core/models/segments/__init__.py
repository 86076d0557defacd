"""Segments: clusters of businesses, their names and profiles."""
