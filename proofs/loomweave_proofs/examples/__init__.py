"""Three merges to be checked: a right one, one that is not associative, one that loses data."""
