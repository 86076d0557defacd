"""Tables that pages read."""
