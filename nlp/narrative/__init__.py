"""Prose → mentions: labels, windows, the character codec, the tagger and its decoding, and facts made of mentions."""
