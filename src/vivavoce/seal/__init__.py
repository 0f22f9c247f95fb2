"""Samples, digests, signed and interlocked seals, verdicts. Empty as yet: every state is `unsealed`."""
