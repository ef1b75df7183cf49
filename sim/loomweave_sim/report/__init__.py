"""The report of a run: a page for people beside `result.json`. Spec: SCN-30.

It reads a finished result and nothing else, and escapes whatever a graph file or scenario named.
"""

from loomweave_sim.report.page import render_page

__all__ = ["render_page"]
