"""A page on which a person uses the emulated Slack by hand."""
