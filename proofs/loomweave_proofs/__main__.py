"""Run the command as `python -m loomweave_proofs`."""

from loomweave_proofs.cli import main

raise SystemExit(main())
