"""What the instruments share: the plain call, the reading of pixels, figures, the machine's headroom."""
