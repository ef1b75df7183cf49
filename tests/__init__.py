"""What the tree promises, judged. See CONTRIBUTING for which folder gets which test."""
