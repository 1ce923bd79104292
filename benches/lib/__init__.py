"""The parts of `benches/compare` and `benches/fleet`: one module per thing that is measured, and what they share."""
