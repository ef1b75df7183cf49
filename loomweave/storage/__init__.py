"""Places that keep a journal: only calls of files and databases. Spec: chapter STO."""
