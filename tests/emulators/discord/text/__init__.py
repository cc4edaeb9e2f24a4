"""Discord's markdown, and what in a text is live."""
