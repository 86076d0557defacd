"""Sales of each trade area, one quarter ahead."""
