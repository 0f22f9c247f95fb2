"""Transcript, quotes, clips, exhibits, questions. Empty as yet."""
