"""Tells people what a publication says of budgets and anomalies, once per event and destination."""
