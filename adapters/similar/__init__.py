"""What tells how alike papers are: one module per way of telling."""
