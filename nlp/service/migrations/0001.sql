-- State of the service. Times are ISO 8601 in UTC; ids of records and blobs are SHA-256 of content.

CREATE TABLE keys (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, scopes TEXT NOT NULL, created TEXT NOT NULL, revoked TEXT
);

CREATE TABLE sessions (hash TEXT PRIMARY KEY, key_id TEXT NOT NULL REFERENCES keys, csrf TEXT NOT NULL, expires REAL NOT NULL);

-- A job is what one caller gave in at a time; `n_read` never falls.
CREATE TABLE jobs (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, state TEXT NOT NULL,
  created TEXT NOT NULL, started TEXT, finished TEXT, by_key TEXT, n_documents INTEGER, n_read INTEGER NOT NULL DEFAULT 0,
  n_complete INTEGER NOT NULL DEFAULT 0, n_partial INTEGER NOT NULL DEFAULT 0, n_failed INTEGER NOT NULL DEFAULT 0,
  n_duplicates INTEGER NOT NULL DEFAULT 0, message TEXT
);
CREATE INDEX jobs_by_state ON jobs (state, n);
CREATE TABLE job_sources (job_id TEXT NOT NULL, n INTEGER NOT NULL, name TEXT NOT NULL, blob TEXT NOT NULL, PRIMARY KEY (job_id, n));
CREATE TABLE job_shards (job_id TEXT NOT NULL, shard INTEGER NOT NULL, PRIMARY KEY (job_id, shard));
CREATE TABLE job_records (
  job_id TEXT NOT NULL, number INTEGER NOT NULL, part INTEGER NOT NULL, record_id TEXT NOT NULL, PRIMARY KEY (job_id, number, part)
);

-- `record` is the JSON of the machine's record, compressed by zlib; `changed` grows with each change of a record or correction.
CREATE TABLE records (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, changed INTEGER NOT NULL UNIQUE, added TEXT NOT NULL,
  agency TEXT, level TEXT, province TEXT, city TEXT, county TEXT, adcode TEXT, year INTEGER, title TEXT, published TEXT, status TEXT NOT NULL,
  forms TEXT NOT NULL, failed_checks TEXT NOT NULL, n_issues INTEGER NOT NULL, n_problems INTEGER NOT NULL, n_corrections INTEGER NOT NULL DEFAULT 0,
  path TEXT NOT NULL, member TEXT, media_type TEXT NOT NULL, blob TEXT NOT NULL, producer TEXT NOT NULL, record BLOB NOT NULL
);
CREATE INDEX records_by_agency ON records (agency, n);
CREATE INDEX records_by_year ON records (year, n);
CREATE INDEX records_by_level ON records (level, n);
CREATE INDEX records_by_place ON records (province, city, county, n);
CREATE INDEX records_by_status ON records (status, n);

-- Runs of two characters of the folded text, so that a search of two characters finds its place; `rowid` is `records.n`.
CREATE VIRTUAL TABLE record_text USING fts5 (grams, content = '', tokenize = 'unicode61 remove_diacritics 0');

CREATE TABLE corrections (
  n INTEGER PRIMARY KEY AUTOINCREMENT, record_id TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL,
  old TEXT NOT NULL, new TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, undone TEXT
);
CREATE INDEX corrections_by_record ON corrections (record_id, n);

CREATE TABLE audit (
  n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL,
  target TEXT NOT NULL, detail TEXT NOT NULL
);
