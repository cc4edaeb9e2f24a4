"""Benchmarks, each beside a bare peer that is measured in the same run: ``python -m bench [NAME ...]``."""
