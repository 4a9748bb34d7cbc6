"""What many runs told: an SQLite database of their results, and what can be learned from it."""
