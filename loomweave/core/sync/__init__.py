"""Keeping replicas alike: batches, frames, digests, reconciliation, and one peer's session."""
