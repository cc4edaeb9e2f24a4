"""How Discord is reached: its gateway, its faults, control from another process."""
