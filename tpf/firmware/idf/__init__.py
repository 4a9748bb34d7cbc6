"""ESP-IDF: where it is, how it is activated, how it builds a project, and what its build folder tells."""
