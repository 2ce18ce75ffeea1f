"""The service: an HTTP API and pages over everything else, embedded in one process (SQLite for its state, DuckDB for figures)."""
