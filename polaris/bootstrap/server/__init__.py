"""The composition of a hub server: its settings, its ports, its application and its processes."""
