"""The parts of `benches/compare` and `benches/fleet`: one module per measurement, and shared code."""
