"""The repository itself: layers, sizes, names, packaging, traceability."""
