"""Vivavoce in the terminal: a side, a viewer, a demo."""
