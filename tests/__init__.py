"""Tests of the project; `loopback` holds the servers they talk to."""
