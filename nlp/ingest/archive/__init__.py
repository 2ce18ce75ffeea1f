"""What holds documents: ZIP, 7z, TAR, compressed files, WARC, mail and saved pages, JSON lines and Parquet; `containers.py` chooses."""
