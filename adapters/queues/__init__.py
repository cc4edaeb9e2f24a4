"""What moves the work from those who plan it to those who do it: one module per queue."""
