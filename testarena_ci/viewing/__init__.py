"""`testarena view`: a report folder in the browser, over loopback only; a run under way is followed live.

`tail.py` reads what the journal and the consoles have gained, `board.py` keeps what the page shows, `feed.py` joins the
two, `request.py` and `files.py` decide who gets what, `server.py` speaks HTTP, `page.py` makes the live page.
"""
