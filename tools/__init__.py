"""Programs for working on TestArena itself; nothing of the product imports them."""
