"""One contract, passed by every driver of the machine."""
