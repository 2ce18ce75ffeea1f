"""Files of office programs → Document: each reader says what its file shows as a page of HTML (`shown.py`)."""
