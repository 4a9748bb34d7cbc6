"""Finds the commit that broke a case: `git bisect` in a worktree of its own, with a run of that case at each step."""
