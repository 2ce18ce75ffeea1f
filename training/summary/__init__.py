"""Authored data that judges the summaries, and the commands that measure them."""
