"""What tests share and is no stand-in for a part of the product (those are in tests/fakes)."""
