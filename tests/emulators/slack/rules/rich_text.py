"""Rich text: nothing in it is parsed, so its elements alone say what is live."""

from __future__ import annotations

from tests.emulators.slack.rules.schema import (
    Check,
    address,
    anything,
    array,
    boolean,
    integer,
    one_of,
    record,
    string,
    typed,
)

STYLE = record(
    {}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight"), boolean)
)
STYLED: dict[str, Check] = {"style": STYLE}
TEXT = record({"text": string(1)}, STYLED)
LINK = record({"url": address()}, {**STYLED, "text": string(1), "unsafe": boolean})
ELEMENT = typed(
    {
        "text": TEXT,
        "link": LINK,
        "emoji": record({"name": string(1)}, {**STYLED, "unicode": string(1), "skin_tone": integer(1, 6)}),
        "user": record({"user_id": string(1)}, STYLED),
        "usergroup": record({"usergroup_id": string(1)}, STYLED),
        "channel": record({"channel_id": string(1)}, STYLED),
        "broadcast": record({"range": one_of("here", "channel", "everyone")}, STYLED),
        "date": record(
            {"timestamp": integer(), "format": string(1)}, {**STYLED, "url": address(), "fallback": string(1)}
        ),
        "color": record({"value": string(1)}, STYLED),
    }
)
ELEMENTS = array(ELEMENT)
SECTION = record({"elements": ELEMENTS}, {})
PART = typed(
    {
        "rich_text_section": SECTION,
        "rich_text_list": record(
            {"elements": array(typed({"rich_text_section": SECTION})), "style": one_of("bullet", "ordered")},
            {"indent": integer(0, 8), "offset": integer(0), "border": integer(0, 1)},
        ),
        "rich_text_preformatted": record(
            {"elements": array(typed({"text": TEXT, "link": LINK}))}, {"border": integer(0, 1), "language": anything}
        ),
        "rich_text_quote": record({"elements": ELEMENTS}, {"border": integer(0, 1)}),
    }
)
RICH_TEXT = record({"elements": array(PART)}, {"block_id": string(0, 255)})
