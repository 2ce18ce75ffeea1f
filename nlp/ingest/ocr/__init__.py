"""Pictures of pages → Document, by the extra `ocr`; `read.py` reads an image, the others need the extra's packages."""
