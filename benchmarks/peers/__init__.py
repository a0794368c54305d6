"""What the comparisons with other tools share: the journeys, the target, the tools, the criteria."""
