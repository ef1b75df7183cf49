"""Language-neutral cases and what they must yield."""
