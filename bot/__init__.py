"""Broadsheet: trending papers, delivered to the channels where people already talk.

One pipe, in one direction; every step is a module of this package and the arrows are its values:

    source   -> Paper     adapters/sources, asked by   collect
    Paper    -> Paper     adapters/enrichers tell more about it, where they are on; asked by   enrich
    Paper    -> Match     match      which subscriptions want it, with the words that prove it
    Match    -> ranked    rank       best first, a total order
    ranked   -> Digest    digest     budget, what was left out, and the rule that did it
    Paper    -> Summary   summarize  a short text, labelled with where it came from
    Digest   -> Message   adapters/chats render it
    Message  -> Delivery  deliver    outbox first, then the chat, then the record of what was posted

``pipeline`` says the same in calls, ``planning`` for many channels together. Nothing here imports an adapter:
``plugins`` finds them by name.
"""

__version__ = "0.1.0"
