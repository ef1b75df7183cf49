"""Bytes and records, both ways: native frames and journal entries. Pure. Spec: chapter WIR."""
