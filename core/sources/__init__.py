"""The world outside: files of a bank's book and of the city become checked tables."""

from core.sources.load import load

__all__ = ["load"]
