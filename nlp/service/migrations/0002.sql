-- What is chosen for this service while it runs: `model`, the name of the model that reads.

CREATE TABLE choices (name TEXT PRIMARY KEY, value TEXT NOT NULL);
