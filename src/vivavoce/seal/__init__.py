"""Samples to digests, digests to signed and chained seals, seals to a verdict. Format:
docs/formats/seal.md."""
