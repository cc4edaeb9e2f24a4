"""How the page looks, in light and in dark."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --blue: light-dark(#1264a3, #6cb6ff) }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; display: grid; height: 100vh;
  grid-template: 1fr auto / 15rem minmax(0, 1fr) auto; background: Canvas; color: CanvasText }
nav { grid-row: 1 / 3; border-right: 1px solid var(--line); padding: 1rem; overflow: auto }
nav a { display: block; padding: .2rem .5rem; border-radius: .4rem; color: inherit; text-decoration: none }
nav a[aria-current] { background: var(--blue); color: Canvas }
main { grid-area: 1 / 2; overflow: auto; padding: 1rem 1.5rem }
footer { grid-area: 2 / 2; padding: .7rem 1.5rem; border-top: 1px solid var(--line) }
footer form { display: flex; gap: .5rem }
footer input { flex: 1 }
aside { width: 24rem; overflow: auto; padding: 1rem; border-left: 1px solid var(--line); grid-area: 1 / 3 / 3 }
article { padding: .5rem .6rem; margin: 0 0 .3rem; border-radius: .5rem }
article:hover { background: var(--soft) }
article.ephemeral { border-left: 3px solid var(--blue); background: var(--soft) }
.who { font-size: .85rem } time, small, .context { opacity: .75; font-size: .85rem }
.block { margin: .3rem 0 } .section { display: flex; gap: 1rem; justify-content: space-between }
.side img { width: 4.5rem } img { max-width: 22rem; max-height: 16rem; border-radius: .4rem }
.context img { width: 1.2rem } .fields { display: grid; grid-template-columns: 1fr 1fr; gap: .4rem }
.card, .attachment { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem; margin: .4rem 0 }
pre, blockquote { margin: .3rem 0; padding: .3rem .7rem; border-left: 3px solid var(--line); white-space: pre-wrap }
span, .section > div, article > div { white-space: pre-wrap }
mark { background: #fa03; color: inherit; border-radius: .2rem; padding: 0 .15rem }
mark.special { background: #f336; font-weight: 600 }
a { color: var(--blue) } td { border: 1px solid var(--line); padding: .2rem .5rem }
button, input, select, textarea { font: inherit; padding: .25rem .6rem; border-radius: .4rem; color: inherit;
  border: 1px solid var(--line); background: var(--soft) }
button.primary { background: #007a5a; color: #fff } button.danger { background: #c01343; color: #fff }
button { cursor: pointer; margin: 0 .3rem .3rem 0 } textarea { width: 100%; min-height: 5rem } label { display: block }
.modal input:not([type=checkbox], [type=radio]), .modal select { width: 70% }
.problem { color: #e01e5a; font-weight: 600 } details.setup { margin-top: 2rem; font-size: .8rem }
"""
