"""`testarena record`: a console to a device, and a scenario made of what one typed and saw."""
