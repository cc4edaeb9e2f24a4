"""Numbers drawn for chats and mail: one module per drawer, each with ``Settings`` and the builder ``pictures``."""
