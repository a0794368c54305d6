"""Parts of the benchmarks that set perfpilot beside plain JMeter: a target, and both ways to run a load."""
