# ruff: noqa: F821  (the step gives the script its page)
page.title()
