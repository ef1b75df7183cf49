"""The lifter and the theorems: what is proved, and that it can fail."""
