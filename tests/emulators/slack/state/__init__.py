"""What Slack knows: its nouns, its time, and the one mutable state over them."""
