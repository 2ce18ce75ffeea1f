"""Commands of `gongkai` that need the extra `train`: modules like those of `nlp/cli`, found by entry points."""
