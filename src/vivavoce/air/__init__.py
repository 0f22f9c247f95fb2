"""To and from broadcasters: HLS, RTMP, SRT, WHIP. Empty as yet. Who is on air is in `discussion/air.py`."""
