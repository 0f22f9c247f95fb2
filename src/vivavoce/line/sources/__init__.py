"""Where a side's pictures and sound come from in the terminal: a drawn person, a file, a camera.

A source runs in a process of its own (`process`, `child`), since drawing and encoding would hold up the
event loop that carries the line.
"""
