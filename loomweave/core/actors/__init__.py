"""Actors: who may work on something now, and what becomes of work that fails."""
