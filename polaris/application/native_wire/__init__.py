"""What both sides of the native wire agree on: how ports' values are written, and errors told.

It is here and not in `polaris.codec`, which knows no ports.
"""
