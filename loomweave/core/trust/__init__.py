"""Trust: what somebody may do, who said so, and until when."""
