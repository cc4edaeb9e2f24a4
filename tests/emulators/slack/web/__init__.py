"""The Web API."""
