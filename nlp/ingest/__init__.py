"""Bytes → Document: sources from files, folders and archives; one file a format; `read.py` holds the one registry."""
