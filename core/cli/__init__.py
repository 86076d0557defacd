"""The command line: one file a command family; core/__main__.py puts them together."""
