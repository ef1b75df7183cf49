"""Ring 2: the machine run for real, in memory or on asyncio."""
