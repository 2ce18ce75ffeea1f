"""Annotated texts to and from the tools that people annotate with; see README.md."""
