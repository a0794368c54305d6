"""A small shop with switchable faults: what the first performance test is run against."""
