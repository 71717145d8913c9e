"""The demonstration: measured data, published, benchmarked, predicted and ranked."""
