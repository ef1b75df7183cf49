"""Ring 0: what each chapter promises, written once as predicates.

A law takes values of the core and answers whether the promise holds for them. Tests sample laws,
theorems prove them on the shipped source, simulations watch them. Nothing here draws, waits or
raises; a law that wants to say why answers with a reason instead of False.
"""
