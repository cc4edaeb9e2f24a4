"""Pages, and the scripts that write or draw parts of them."""
