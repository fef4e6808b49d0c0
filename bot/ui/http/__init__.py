"""Health and metrics for machines, over HTTP: `/healthz` and `/metrics`. Off by default, on loopback by default."""
