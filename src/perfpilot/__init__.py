"""perfpilot: performance tests reviewed, planned, run on a real JMeter and judged, as a LangGraph graph."""
