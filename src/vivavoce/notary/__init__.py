"""The host's log: checkpoints, beacons, time-stamps, witnesses. Empty as yet."""
