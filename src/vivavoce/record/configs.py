"""A track's configuration as it is sealed, and back (docs/formats/seal.md, S5).

What an exported file shows follows from this alone, so that it can be made again from the evidence.
"""

from __future__ import annotations

from vivavoce.errors import EvidenceError, VivavoceError
from vivavoce.line.sealedconfig import sealed_config
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.sample_entries import sample_entry
from vivavoce.seal.config import PictureConfig, parse_config

__all__ = ["as_sealed", "config_of", "sealed_bytes"]


def sealed_bytes(config: TrackConfig) -> bytes:
    """As it would have been sealed; nothing where it could not have been."""
    try:
        raw = sealed_config(config).to_bytes()
        parse_config(raw)
    except (ValueError, EvidenceError):
        return b""
    return raw


def config_of(raw: bytes) -> TrackConfig:
    """What S5's bytes say. Raises EvidenceError `seal.config`, also for what cannot stand in an MP4."""
    sealed = parse_config(raw)
    if isinstance(sealed, PictureConfig):
        config = TrackConfig(
            name=sealed.name,
            kind="video",
            codec=sealed.codec,
            description=sealed.description,
            width=sealed.width,
            height=sealed.height,
            rotation=sealed.rotation,
            framerate=sealed.millihertz / 1000,
        )
    else:
        config = TrackConfig(
            name=sealed.name,
            kind="audio",
            codec=sealed.codec,
            sample_rate=sealed.rate,
            channels=sealed.channels,
            language=sealed.language,
            role=sealed.role,
            interprets=sealed.interprets or None,
        )
    try:
        sample_entry(config)
    except VivavoceError as error:
        raise EvidenceError("seal.config", error.message) from None
    if (config.codec == "opus") != (config.kind == "audio"):
        raise EvidenceError("seal.config", f"{config.codec!r} is no codec for {config.name!r}.")
    return config


def as_sealed(config: TrackConfig) -> TrackConfig | None:
    """What of a configuration is sealed, and nothing else; None where it could not have been."""
    raw = sealed_bytes(config)
    try:
        return config_of(raw) if raw else None
    except EvidenceError:
        return None
