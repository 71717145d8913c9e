"""How the documentation is built: Sphinx with MyST, from Markdown and docstrings."""

from __future__ import annotations

from importlib import metadata

project = "Polaris"
author = "the Polaris authors"
copyright = "2026, the Polaris authors"
release = metadata.version("polaris-hub")
version = release

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]

# Links to headings, as in `page.md#a-heading`.
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]

# A single backtick in a docstring names an object; what cannot be found is shown as code.
default_role = "py:obj"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": True}
# Types are shown by their short names, and constants by their own.
python_use_unqualified_type_names = True
autodoc_preserve_defaults = True
# The domain has classes of the same names; readers want those that they import.
autodoc_type_aliases = {
    "DatasetV1": "polaris.dataset.DatasetV1",
    "DatasetV2": "polaris.dataset.DatasetV2",
    "BenchmarkV1Specification": "polaris.benchmark.BenchmarkV1Specification",
    "BenchmarkV2Specification": "polaris.benchmark.BenchmarkV2Specification",
}
# In lists of attributes these aliases do not count: there such a name has several targets.
suppress_warnings = ["ref.python"]
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"Polaris {release}"
