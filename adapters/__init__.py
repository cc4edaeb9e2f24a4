"""Everything outside: one folder per port, one module per service. ``bot.plugins`` loads them by name."""
