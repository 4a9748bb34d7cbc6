"""Pages and files that are made from the code: `make docs` writes them anew, a test tells which are out of date."""
