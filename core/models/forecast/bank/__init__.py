"""Sales of each business of the book, one to three months ahead."""
