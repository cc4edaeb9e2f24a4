"""What Discord knows: its nouns, permissions, limits, and the one mutable state over them."""
