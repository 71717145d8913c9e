"""The objects of a hub over HTTP: by public address, by signed address, by storage token."""
