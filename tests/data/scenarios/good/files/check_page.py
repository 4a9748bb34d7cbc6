page.title()
