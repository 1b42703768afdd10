"""How the documentation is built: MyST pages, furo's look, reference pages written from the code, no network."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

project = "Chaperone"
author = "The Chaperone contributors"
copyright = "the Chaperone contributors, Apache-2.0"  # Sphinx's own name
version = release = version_of("chaperone")

extensions = ["myst_parser", "docs._ext.reference"]
myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
nitpicky = True
exclude_patterns = ["_build", "_ext"]

html_theme = "furo"
html_title = "Chaperone"
html_static_path = ["_static"]
html_css_files = ["chaperone.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
