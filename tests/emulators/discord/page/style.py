"""How the page looks, in light and in dark."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --blue: light-dark(#4752c4, #949cf7) }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; display: grid; height: 100vh;
  grid-template: 1fr auto / 15rem minmax(0, 1fr) auto; background: Canvas; color: CanvasText }
nav { grid-row: 1 / 3; border-right: 1px solid var(--line); padding: 1rem; overflow: auto }
nav a { display: block; padding: .2rem .5rem; border-radius: .4rem; color: inherit; text-decoration: none }
nav a[aria-current] { background: var(--blue); color: Canvas } nav h4 { margin: 1rem 0 .2rem; opacity: .7 }
nav a.thread { margin-left: 1rem; font-size: .9rem }
main { overflow: auto; padding: 1rem 1.5rem; grid-area: 1 / 2 }
footer { padding: .7rem 1.5rem; border-top: 1px solid var(--line); grid-area: 2 / 2 }
footer form { display: flex; gap: .5rem } footer input { flex: 1 } footer .choices { display: block }
aside { width: 24rem; overflow: auto; padding: 1rem; border-left: 1px solid var(--line); grid-area: 1 / 3 / 3 }
article { padding: .5rem .6rem; margin: 0 0 .3rem; border-radius: .5rem }
article:hover { background: var(--soft) }
article.ephemeral { border-left: 3px solid var(--blue); background: var(--soft) }
.who { font-size: .85rem } time, small { opacity: .75; font-size: .85rem } .thinking { opacity: .6; font-style: italic }
.text { white-space: pre-wrap; margin: .2rem 0 } .text h3 { margin: .3rem 0 }
.text small { display: block } .text li { margin-left: 1.2rem }
.embed, .container { border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: .4rem;
  padding: .5rem .8rem; margin: .4rem 0; max-width: 34rem; background: var(--soft) }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: .4rem } .row { margin: .4rem 0 }
.section { display: flex; gap: 1rem; justify-content: space-between; align-items: start; margin: .3rem 0 }
.section img { width: 5rem } img { max-width: 22rem; max-height: 16rem; border-radius: .4rem }
.gallery { display: flex; gap: .4rem; flex-wrap: wrap } hr.bare { border-color: transparent }
pre, blockquote { margin: .3rem 0; padding: .3rem .7rem; border-left: 3px solid var(--line); white-space: pre-wrap }
code { background: var(--soft); padding: 0 .2rem; border-radius: .2rem }
mark { background: #5865f233; color: inherit; border-radius: .2rem; padding: 0 .15rem }
mark.special { background: #f336; font-weight: 600 } .spoiler { background: #8886; border-radius: .2rem }
a { color: var(--blue) }
button, .button, input, select, textarea { font: inherit; padding: .25rem .6rem; border-radius: .4rem; color: inherit;
  border: 1px solid var(--line); background: var(--soft) }
button.primary { background: #4752c4; color: #fff } button.success { background: #1a7f37; color: #fff }
button.danger { background: #c01343; color: #fff } button[disabled] { opacity: .5 }
button { cursor: pointer; margin: 0 .3rem .3rem 0 } textarea { width: 100%; min-height: 5rem } label { display: block }
.field { margin: .6rem 0 } .modal input:not([type=checkbox], [type=radio]), .modal select { width: 100% }
.problem { color: #e01e5a; font-weight: 600 } details.setup { margin-top: 2rem; font-size: .8rem }
"""
