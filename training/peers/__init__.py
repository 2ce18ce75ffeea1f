"""Peers of the labeller: other ways to label the same prose, trained on the same documents, scored by the same rules."""
