"""Collecting discussions from Bluesky, and asking later what was deleted since.

Nothing here is imported by a run: the network is used by `reckons fetch` and `reckons refresh` alone.
"""
