"""Where everything that outlives a process is kept, one module or package per store."""
