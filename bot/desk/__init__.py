"""Where people's requests are answered, the same on every platform: a table of handlers over the ports.

context    what a handler is given, and how it reads a request
looking    today, trending, search, show, abstract, similar
following  subscribe, unsubscribe, list
forms      the two forms
running    digest preview, send, pause, resume, settings; why, status, resend, not for us
saving     a person's reading list; citing writes it for reference managers
helping    help, a person's own page, the greeting, links
leaving    when an installation ends
desk       the table, errors as answers, the pace of one person, long actions
"""

from bot.desk.context import Context
from bot.desk.desk import HANDLERS, FrontDesk

__all__ = ["HANDLERS", "Context", "FrontDesk"]
