"""What the host counts, for Prometheus at /metrics, and the sink that counts what passes on the line.

Delay from capture to the host comes from the side's word about its own clock (docs/formats/line.md, L11);
delays to display and loudspeaker come from viewers' pages, anonymously. Neither proves anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase

from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.verdict import State

__all__ = ["Metrics"]

_DELAY_BUCKETS: Final = (
    0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0,
)  # fmt: skip
_SEAT: Final = ("discussion", "seat")


@dataclass(slots=True)
class _Run:
    """What the delays of a run are reckoned from. offset_us: None until the side told its clock."""

    epoch_us: int
    offset_us: int | None = None
    kinds: dict[str, str] = field(default_factory=dict)


class Metrics:
    """A registry of its own, so that several hosts may live in one process. Implements `line.sink.Sink`.

    Labels are discussions and seats that exist, never what a visitor sent.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._samples = Counter(
            "vivavoce_line_samples", "Samples let through.", (*_SEAT, "kind"), registry=registry
        )
        self._bytes = Counter(
            "vivavoce_line_sample_bytes", "Bytes of samples let through.", (*_SEAT, "kind"), registry=registry
        )
        self._torn = Counter(
            "vivavoce_line_groups_torn", "Groups that ended before they were whole.", _SEAT, registry=registry
        )
        self._runs = Counter("vivavoce_runs", "Runs that ended.", (*_SEAT, "why"), registry=registry)
        self._verdicts = Counter(
            "vivavoce_verdicts",
            "Changes of the host's own verdict on a side, by what it became and why.",
            (*_SEAT, "state", "code"),
            registry=registry,
        )
        self._to_host = Histogram(
            "vivavoce_capture_to_host_seconds",
            "From capture to the host, by the side's word about its clock.",
            (*_SEAT, "kind"),
            buckets=_DELAY_BUCKETS,
            registry=registry,
        )
        self._to_host_uncertainty = Gauge(
            "vivavoce_capture_to_host_uncertainty_seconds",
            "The side's clock may be off by this much from what it says.",
            _SEAT,
            registry=registry,
        )
        self._to_display = Histogram(
            "vivavoce_capture_to_display_seconds",
            "From capture to a viewer's display, measured by viewers' pages trusting the host's clock.",
            _SEAT,
            buckets=_DELAY_BUCKETS,
            registry=registry,
        )
        self._to_loudspeaker = Histogram(
            "vivavoce_capture_to_loudspeaker_seconds",
            "From capture to a viewer's loudspeaker, measured by viewers' pages trusting the host's clock.",
            _SEAT,
            buckets=_DELAY_BUCKETS,
            registry=registry,
        )
        self._requests = Counter(
            "vivavoce_http_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "vivavoce_http_request_seconds", "Time to answer a request.", ("route",), registry=registry
        )
        self._by_seat: tuple[MetricWrapperBase, ...] = (
            self._samples,
            self._bytes,
            self._torn,
            self._runs,
            self._verdicts,
            self._to_host,
            self._to_host_uncertainty,
            self._to_display,
            self._to_loudspeaker,
        )
        self._running: dict[tuple[str, str, str], _Run] = {}

    def watch(
        self,
        *,
        sessions: Callable[[], int],
        on_air: Callable[[], int],
        recording: Callable[[], str],
        refusals: Callable[[], Mapping[str, int]],
    ) -> None:
        """Read these at each scrape."""
        Gauge(
            "vivavoce_line_sessions", "Open sessions, viewers and sides.", registry=self.registry
        ).set_function(sessions)
        Gauge("vivavoce_seats_on_air", "Seats with a device on air.", registry=self.registry).set_function(
            on_air
        )
        Gauge(
            "vivavoce_recording", "1 while samples are written to disk.", registry=self.registry
        ).set_function(lambda: recording() == "running")
        Gauge("vivavoce_line_refused", "Sessions refused on the line.", registry=self.registry).set_function(
            lambda: sum(refusals().values())
        )

    def page(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self.registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def seen(
        self, discussion: str, seat: str, display_ms: float | None, loudspeaker_ms: float | None
    ) -> None:
        """A viewer's page reported what it measured."""
        if display_ms is not None:
            self._to_display.labels(discussion, seat).observe(display_ms / 1000)
        if loudspeaker_ms is not None:
            self._to_loudspeaker.labels(discussion, seat).observe(loudspeaker_ms / 1000)

    def forget(self, discussion: str) -> None:
        """Drop what stands under a discussion's name, so that a host that lives for years stays small."""
        for metric in self._by_seat:
            metric.remove_by_labels({"discussion": discussion})

    # -- vivavoce.line.sink.Sink

    def run_started(
        self, discussion: str, seat: str, run: str, *, epoch_us: int, device: str, at_us: int
    ) -> None:
        self._running[discussion, seat, run] = _Run(epoch_us)

    def track_added(self, discussion: str, seat: str, run: str, config: TrackConfig, *, at_us: int) -> None:
        known = self._running.get((discussion, seat, run))
        if known is not None:
            known.kinds[config.name] = "picture" if config.kind == "video" else "sound"

    def sample(self, discussion: str, sample: Sample) -> None:
        known = self._running.get((discussion, sample.seat, sample.run))
        kind = known.kinds.get(sample.track) if known else None
        if known is None or kind is None:
            return
        self._samples.labels(discussion, sample.seat, kind).inc()
        self._bytes.labels(discussion, sample.seat, kind).inc(len(sample.data))
        if known.offset_us is not None:
            captured_us = known.epoch_us + sample.timestamp_us + known.offset_us
            delay_us = max(0, sample.received_us - captured_us)
            self._to_host.labels(discussion, sample.seat, kind).observe(delay_us / 1e6)

    def group_closed(
        self,
        discussion: str,
        seat: str,
        run: str,
        track: str,
        group: int,
        *,
        count: int,
        whole: bool,
        at_us: int,
    ) -> None:
        if not whole:
            self._torn.labels(discussion, seat).inc()

    def clock(
        self,
        discussion: str,
        seat: str,
        run: str,
        *,
        timestamp_us: int,
        offset_us: int,
        uncertainty_us: int,
        at_us: int,
    ) -> None:
        known = self._running.get((discussion, seat, run))
        if known is not None:
            known.offset_us = offset_us
            self._to_host_uncertainty.labels(discussion, seat).set(uncertainty_us / 1e6)

    def sealed(
        self, discussion: str, seat: str, run: str, *, group: int, index: int, raw: bytes, at_us: int
    ) -> None:
        """Nothing is counted of seals."""

    def judged(
        self, discussion: str, seat: str, run: str, *, state: State, code: str | None, at_us: int
    ) -> None:
        self._verdicts.labels(discussion, seat, state, code or "").inc()

    def run_ended(self, discussion: str, seat: str, run: str, *, why: str, at_us: int) -> None:
        if self._running.pop((discussion, seat, run), None) is not None:
            self._runs.labels(discussion, seat, why).inc()
