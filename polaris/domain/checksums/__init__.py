"""Checksums, bit-exact with those of the Hub and its released clients."""
