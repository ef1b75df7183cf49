"""Join-semilattices: what a field may hold, and how two contents of it become one."""
