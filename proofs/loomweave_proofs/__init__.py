"""Proofs about the source that ships: it is read, turned into logic, and judged by a solver."""
