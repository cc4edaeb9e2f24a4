// Draws messages with slack-blocks-to-jsx, a Block Kit renderer that is not ours, as one page of HTML.
// node render.mjs MESSAGES.json > PAGE.html, in a folder with the packages of docs/build_slack_pictures.py.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.cwd()}/here.js`));
const { createElement } = require("react");
const { renderToStaticMarkup } = require("react-dom/server");
const { Message } = require("slack-blocks-to-jsx");
const css = readFileSync(require.resolve("slack-blocks-to-jsx/dist/style.css"), "utf-8");

const LOGO =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" width="36" height="36"><rect width="36" height="36" rx="6" fill="#1f2937"/>' +
      '<path d="M10 9h16M10 15h16M10 21h16M10 27h9" stroke="#fff" stroke-width="2.4"/></svg>',
  );
const drawn = JSON.parse(readFileSync(process.argv[2], "utf-8")).map((blocks) =>
  renderToStaticMarkup(
    createElement(Message, { blocks, logo: LOGO, name: "papers", time: new Date(2026, 6, 31, 9, 0), showBlockKitDebug: false }),
  ),
);
process.stdout.write(
  `<!doctype html><meta charset="utf-8"><style>${css}
   body { margin: 0; background: #fff; font-family: Lato, "Noto Sans", "DejaVu Sans", sans-serif; width: 720px }
   .one { padding: 14px 18px }</style>${drawn.map((one) => `<div class="one">${one}</div>`).join("")}`,
);
