"""What agencies say is wrong, who says it, since when, and who only copies: summaries over a store."""
