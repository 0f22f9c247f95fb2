"""Vivavoce: a live two-sided discussion that anyone can watch, and check."""

__all__ = ["__version__"]

__version__ = "0.1.0"
