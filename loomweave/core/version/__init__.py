"""Versions of a graph: what two lines of work have in common, and how they become one again."""
