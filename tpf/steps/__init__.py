"""The step kinds: one file each, listed in `KINDS`; packages outside add theirs as entry points of the group `testarena.steps`."""
