"""What could go wrong with the replaces of many projects."""
