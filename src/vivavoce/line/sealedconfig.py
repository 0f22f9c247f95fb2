"""What is sealed of a track's catalogue entry (docs/formats/seal.md, S5)."""

from __future__ import annotations

from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.config import PictureConfig, SealedConfig, SoundConfig

__all__ = ["sealed_config"]


def sealed_config(config: TrackConfig) -> SealedConfig:
    """What of a track's configuration is sealed (S5): all that a decoder needs."""
    if config.kind == "video":
        return PictureConfig(
            name=config.name,
            codec=config.codec,
            description=config.description,
            width=config.width,
            height=config.height,
            rotation=config.rotation,
            millihertz=round(1000 * config.framerate),
        )
    return SoundConfig(
        name=config.name,
        codec=config.codec,
        rate=config.sample_rate,
        channels=config.channels,
        language=config.language,
        role=config.role or "floor",
        interprets=config.interprets or "",
    )
