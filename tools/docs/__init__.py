"""The pages and files that are made from the code: `make docs` writes them anew, a test says when one is out of date."""
