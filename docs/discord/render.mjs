// Draws messages with Skyra's web components for Discord, which are not ours, as one page of HTML that runs in a browser.
// node render.mjs MESSAGES.json > PAGE.html, in a folder with the packages of docs/build_discord_pictures.py.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.cwd()}/here.js`));
const { buildSync } = require("esbuild");
const { parse } = require("discord-markdown-parser");

const [TEXT, ROW, BUTTON, MENU] = [10, 1, 2, 3];
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "destructive", 5: "secondary" };
const TAGS = { strong: "discord-bold", em: "discord-italic", underline: "discord-underlined", subtext: "discord-subscript" };
const LOGO =
  "data:image/svg+xml," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="#e6e2d8"/>' +
      '<path d="M11 10h18M11 17h18M11 24h18M11 31h10" stroke="#1f2937" stroke-width="2.6"/></svg>',
  );

const safe = (text) => String(text).replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
const element = (tag, fields, inner = "") =>
  `<${tag}${Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => ` ${name}="${safe(value)}"`)
    .join("")}>${inner}</${tag}>`;

const inner = (nodes) => (Array.isArray(nodes) ? nodes.map(node).join("") : safe(nodes));
function node(one) {
  if (one.type in TAGS) return element(TAGS[one.type], {}, inner(one.content));
  switch (one.type) {
    case "br":
    case "newline":
      return "<br>";
    case "heading":
      return element("discord-header", { level: one.level }, inner(one.content));
    case "blockQuote":
      return element("discord-quote", {}, inner(one.content.filter((part) => part.type !== "br")));
    case "inlineCode":
      return element("discord-code", {}, safe(one.content));
    case "url":
    case "link":
      return element("discord-link", { href: one.target }, inner(one.content));
    case "timestamp":
      return element("discord-time", {}, safe(new Date(1000 * one.timestamp).toUTCString()));
    case "user":
    case "channel":
      return element("discord-mention", { type: one.type }, safe(one.id));
    case "text":
      return safe(one.content);
  }
  throw new Error(`nothing draws ${one.type}`);
}
// The parser knows no lists; a line break after a block is the block's own.
const BLOCK = new Set(["subtext", "heading", "blockQuote"]);
function markdown(text) {
  const nodes = parse(text, "extended");
  return nodes
    .filter((one, place) => !(one.type === "br" && BLOCK.has(nodes[place - 1]?.type)))
    .map(node)
    .join("")
    .replace(/(^|<br>|<\/discord-header>)- /g, "$1&nbsp;• ");
}

// The component shows a title as it is, where Discord reads markdown.
const plain = (nodes) => (Array.isArray(nodes) ? nodes.map((one) => plain(one.content ?? "")).join("") : nodes);
const embed = (one) =>
  element(
    "discord-embed",
    {
      slot: "embeds",
      url: one.url,
      "embed-title": one.title && plain(parse(one.title, "extended")),
      "author-name": one.author?.name,
      color: "#4e5058",
    },
    element("discord-embed-description", { slot: "description" }, markdown(one.description ?? "")) +
      (one.footer ? element("discord-embed-footer", { slot: "footer" }, safe(one.footer.text)) : ""),
  );
const button = (one) => element("discord-button", { type: STYLES[one.style], url: one.url }, safe(one.label));
const menu = (one) => element("discord-string-select-menu", { placeholder: one.placeholder });
const row = (one) =>
  element("discord-action-row", {}, one.components.map((part) => (part.type === MENU ? menu(part) : button(part))).join(""));
const block = (one) => (one.type === TEXT ? `<div>${markdown(one.content)}</div>` : one.type === ROW ? row(one) : "");

const message = (one) => {
  const flags = one.flags ?? 0;
  const rows = (one.components ?? []).map(block).join("");
  const below = flags & (1 << 15) ? rows : element("discord-attachments", { slot: "components" }, rows);
  const shown = { author: "papers", bot: "", avatar: LOGO, timestamp: "Today at 09:00" };
  return element(
    "discord-message",
    { ...shown, ...(flags & (1 << 6) ? { ephemeral: "" } : {}) },
    markdown(one.content ?? "") + (one.embeds ?? []).map(embed).join("") + below,
  );
};
const code = buildSync({
  stdin: { contents: 'import "@skyra/discord-components-core";', resolveDir: process.cwd() },
  bundle: true,
  minify: true,
  write: false,
}).outputFiles[0].text;
const drawn = JSON.parse(readFileSync(process.argv[2], "utf-8")).map(message).join("");
process.stdout.write(
  `<!doctype html><meta charset="utf-8"><style>body { margin: 0; background: #36393e; width: 660px }
   discord-messages { font-family: "gg sans", "Noto Sans", "DejaVu Sans", sans-serif }</style>` +
    `${element("discord-messages", {}, drawn)}<script>${code.replaceAll("</script", "<\\/script")}</script>`,
);
