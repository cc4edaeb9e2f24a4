"""A page on which a person uses the emulated Discord by hand."""
