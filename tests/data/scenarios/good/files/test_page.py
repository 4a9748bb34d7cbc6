def test_title(page):
    assert page.title()
