"""One training step in symbols: the object that the reader predicts and the probe measures."""
