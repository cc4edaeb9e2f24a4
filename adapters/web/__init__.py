"""Pages for browsers and programs: one server per module, built by ``server``."""
