"""``python -m bot`` is ``broadsheet``."""

from bot.cli import main

if __name__ == "__main__":
    main()
