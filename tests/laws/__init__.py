"""The laws of each chapter, sampled."""
