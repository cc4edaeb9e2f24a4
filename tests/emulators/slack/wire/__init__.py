"""How bytes come and go: requests, sockets, hooks, files, and what goes wrong with them."""
