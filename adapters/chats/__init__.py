"""Where messages go: one module or package per chat, each with ``Settings`` and the builder ``chat``."""
