"""Where data comes from: a bank's files and the city's files become checked tables; product data is fetched.

file_probe, csv_layout, workbook -> table_of_file -> staging -> checks -> quarantine: all run by loader
"""

from core.sources.loader import load

__all__ = ["load"]
