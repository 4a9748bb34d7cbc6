"""What a machine has and lacks: for running scenarios at all (`host`), and for one target (`target`)."""
