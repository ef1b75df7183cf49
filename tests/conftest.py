"""Profiles of Hypothesis: the suite is the same in every run, `deep` searches further."""

import os

from hypothesis import HealthCheck, Phase, settings

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile(
    "suite", derandomize=True, deadline=None, max_examples=100, suppress_health_check=QUIET
)
settings.register_profile(
    "deep",
    derandomize=False,
    deadline=None,
    max_examples=2_000,
    suppress_health_check=QUIET,
    phases=tuple(Phase),
)
settings.load_profile(os.environ.get("LOOMWEAVE_HYPOTHESIS", "suite"))
