"""Each clever machine against its dumb twin."""
