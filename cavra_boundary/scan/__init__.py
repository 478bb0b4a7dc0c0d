"""The way of the data: source, scanner, policy, report."""
