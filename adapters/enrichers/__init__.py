"""Who tells more about papers that are known: one module per service."""
