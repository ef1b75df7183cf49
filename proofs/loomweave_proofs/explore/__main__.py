"""Run the command as `python -m loomweave_proofs.explore`."""

from loomweave_proofs.explore.command import main

raise SystemExit(main())
