"""One replica: its state, what it takes in, what it writes, and how it talks to its peers."""
