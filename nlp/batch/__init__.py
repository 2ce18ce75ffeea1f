"""Many documents: the same records in the same order from any number of workers."""
