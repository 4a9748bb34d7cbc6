"""`testarena new`: what a project folder tells about its firmware, and a first scenario made of that."""
