"""Join-semilattices: what a field may hold, and how two contents of it become one.

What every one of them promises: LAT-1, LAT-2, LAT-3.
"""
