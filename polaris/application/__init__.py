"""The use cases: order and policy over the ports, one a module; no technology."""
