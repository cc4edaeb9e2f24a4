"""Where papers come from: one module per service, called by its name, with ``Settings`` and ``source``.

A name that starts with an underscore is shared by the sources and is none itself.
"""
