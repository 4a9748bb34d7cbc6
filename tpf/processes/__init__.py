"""What `tpf.process` is made of: finding programs, byte channels, and the reaper that outlives us to clean up."""
