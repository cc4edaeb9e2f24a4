"""Slack's text: its markup, and what in it is live."""
