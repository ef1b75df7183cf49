"""Ring 0: the pure core.

The law of this folder: no input or output, no clock, no chance, no thread, no logging, no
environment. Nothing depends on `hash()`, `id()`, or the order of a set or of a persistent map.
Time arrives in events, randomness arrives in events, and everything that should happen outside
leaves as an effect. The same events give the same states and the same effects, byte for byte.

Inside, an arrow points at what may be imported:

    leaves <- lattices <- graph <- sync <- machine
"""
