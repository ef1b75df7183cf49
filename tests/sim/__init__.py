"""The simulated world: faults, checkers, scenarios."""
