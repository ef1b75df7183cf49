"""The simulated world in which replicas are judged. Spec: chapter SCN."""
