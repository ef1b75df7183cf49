"""Measurements: ratios taken in one interleaved run, written to reports/performance.md."""
