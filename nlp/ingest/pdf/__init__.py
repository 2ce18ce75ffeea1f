"""Pages of a PDF → Document: glyphs and strokes to lines, columns and grids; `read.py` reads a file."""
