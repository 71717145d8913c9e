"""The artifact classes that users hold: the domain's, with the conveniences that do I/O.

The domain stays pure; a public class derives from its domain class and adds methods that read and
write files and speak to hubs, through the same use cases as the client. `docs/decisions` says why.
"""
