"""Making datasets from tables and from files of molecules, structures and arrays."""
