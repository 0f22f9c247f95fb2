"""Interpreters and captions. Empty as yet: their tracks are already part of the line (L1, L6, L13)."""
