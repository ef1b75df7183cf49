"""The explorer: small worlds around the shipped functions, searched to the last state.

A model holds the surroundings only (network, clocks, crashes, the driver's promises); every rule
that is looked at is the function that ships. Spec: PRF-20 to PRF-29.
"""
