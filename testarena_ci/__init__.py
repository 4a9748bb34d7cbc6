"""TestArena's CI plug-in: settings, forges, reports and the command line around the `tpf` engine."""
