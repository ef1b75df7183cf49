"""The property graph: admission of writes, life of entities, indexes, reading and writing."""
