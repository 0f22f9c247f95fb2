"""From samples to digests, to signed and interlocked seals, to a verdict. Empty as yet: every state is `unsealed`."""
