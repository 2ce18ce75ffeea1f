"""Pages on which a person gives in reports, watches the work, checks, searches and compares; rendered by the server."""
