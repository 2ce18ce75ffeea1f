"""Archives of any size: planned, read in guarded workers, committed shard by shard; the same bytes on any engine."""
