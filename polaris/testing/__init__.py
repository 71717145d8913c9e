"""Conformance suites, in-memory fakes and fault injection, for tests of adapters and users."""
