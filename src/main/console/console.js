/** The console: what is wrong, the plots, the table of channels, and the page of a channel. */
import { about, hide, show, update } from "./channel.js";
import { count, duration, element, setText, time } from "./format.js";
import { Plots } from "./plots.js";
import { follow, post } from "./stream.js";

const SILENCE = 10_000; // milliseconds without an event of /console/stats, of which there is one every second

const find = (id) => document.getElementById(id);
const [state, problems, overview, channel, rows, login] = ["state", "problems", "overview", "channel", "rows", "login"].map(find);
const url = (path) => new URL(path, document.baseURI);
const plots = new Plots(find("plots"), find("redis-plots"));
const rowOf = new Map(); // the rows of the table, by their paths
let channels = { channels: [] };
let leaving = new AbortController();
let now = 0; // the time of the server
let isShown = false; // whether the route has been shown
let movesFocus = false; // whether the next route gets the focus, because the user has asked for it
let announced = ""; // the problems that a screen reader has been told, without their numbers

function open() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  follow(url("stats"), { position: "earliest", signal, silence: SILENCE, onState: showState, onEvent: showStats });
  follow(url("channels"), { signal, onState: showTableState, onEvent: showChannels });
}

function showState(name, reason, status) {
  const texts = { open: "live", lost: `stream lost, trying again: ${reason}`, closed: reason, ended: "the stream has ended" };
  const isLocked = status === 401;
  setText(state, isLocked ? "a token is needed" : texts[name]);
  state.dataset.state = isLocked ? "locked" : name;
  login.hidden = !isLocked;
  if (isLocked) login.elements.token.focus();
}

function showTableState(name, reason) {
  setText(find("stale"), name === "open" ? "" : `The table may be out of date: ${reason}.`);
}

function showStats({ type, data }) {
  if (type) return; // the start of the stream, or a gap after a restart
  const stats = JSON.parse(data);
  now = stats.time;
  plots.add(stats);
  setText(find("version"), `Crier ${stats.version ?? ""}, up ${duration(stats.upMillis ?? 0)}`);
  showProblems(stats.problems ?? []);
  showRedis(stats.redis);
}

function showProblems(sentences) {
  const texts = sentences.length > 0 ? sentences : ["Nothing is wrong."];
  problems.className = sentences.length > 0 ? "wrong" : "";
  showItems(problems, texts);
  // Some numbers change every second. A screen reader reads a sentence again only if more than its number has changed.
  const kinds = texts.join(" ").replace(/\d+/g, "");
  if (kinds !== announced) setText(find("announcement"), texts.join(" "));
  announced = kinds;
}

function showRedis(redis) {
  find("redis").hidden = !redis;
  if (!redis) return;
  setText(find("redis-state"), `Redis is ${redis.state}${redis.epoch ? `, epoch ${redis.epoch}` : ""}.`);
  const nodes = (redis.nodes ?? []).sort((a, b) => Boolean(b.self) - Boolean(a.self) || (a.id < b.id ? -1 : 1));
  const name = ({ id, self }) => (self ? `This node, ${id},` : `Node ${id}`);
  showItems(find("nodes"), nodes.map((node) => `${name(node)} reported ${duration(node.beatMillis)} ago.`));
}

function showItems(list, texts) {
  while (list.childElementCount > texts.length) list.lastElementChild.remove();
  texts.forEach((text, i) => setText(list.children[i] ?? list.appendChild(element("li")), text));
}

function showChannels({ type, data }) {
  if (type) return;
  channels = JSON.parse(data);
  now = Math.max(now, channels.time ?? 0);
  const keep = new Set();
  let last = null;
  for (const each of channels.channels) {
    last = showRow(each.path, cellsOf(each), last, keep, each.family);
    for (const member of each.busiest ?? []) last = showRow(member.path, cellsOf(member), last, keep, false, "member");
  }
  for (const [key, row] of rowOf) {
    if (keep.has(row)) continue;
    row.remove();
    rowOf.delete(key);
  }
  const { length } = channels.channels;
  setText(find("none"), length === 0 ? "No channel is declared." : "");
  if (!isShown) route();
  else update(declarationOf(nameOfRoute()), now);
}

function cellsOf({ subscribers, publishedPerSecond, kept, keptIsCut, oldestMillis, members, family, ...declaration }) {
  const rights = declaration.keep ? about(declaration).replace(/^keeps .*?, (?=reading|anyone)/, "") : "";
  const size = family ? `${count(members ?? 0)} channels` : kept == null ? "–" : `${count(kept)}${keptIsCut ? "+" : ""}`;
  return [
    count(subscribers ?? 0),
    count(publishedPerSecond ?? 0),
    size,
    oldestMillis ? time(oldestMillis) : kept == null && !family ? "–" : "",
    declaration.keep === "latest" ? "the latest event" : (declaration.keep ?? ""),
    rights,
  ];
}

/** Changes or adds a row after another one, and returns it. A row stays the same element, so the focus stays on its link. */
function showRow(path, cells, before, keep, isFamily, className = "") {
  const key = className + path;
  const found = rowOf.get(key);
  const row = found ?? element("tr", { className }, element("th", { scope: "row" }), ...cells.map(() => element("td")));
  if (!found) {
    rowOf.set(key, row);
    row.firstElementChild.append(isFamily ? path : element("a", { href: `#${encodeURI(path)}`, textContent: path }));
  }
  cells.forEach((text, i) => setText(row.children[i + 1], text));
  keep.add(row);
  const place = before ? before.nextElementSibling : rows.firstElementChild;
  if (place !== row) rows.insertBefore(row, place);
  return row;
}

/** Returns what declares a channel: itself, or its family. */
function declarationOf(name) {
  const segments = name.split("/");
  const matches = (path, parts = path.split("/")) =>
    parts.length === segments.length && parts.every((one, i) => one.startsWith(":") || one === segments[i]);
  const declared = channels.channels.find(({ path }) => path === name) ?? channels.channels.find(({ path }) => matches(path));
  return declared?.family ? { ...declared, kept: undefined, oldestMillis: undefined } : declared;
}

/** The address of the main listener. It names this machine by a name that the user's machine may not know. */
function publicUrl() {
  const main = new URL(channels.url ?? "http://localhost:3000/");
  if (main.hostname === "localhost") main.hostname = location.hostname;
  return main.href;
}

function nameOfRoute() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

function route() {
  const name = nameOfRoute();
  isShown = true;
  [overview.hidden, channel.hidden] = [name !== "", name === ""];
  document.title = name ? `Crier console: ${name}` : "Crier console";
  if (name) show(name, declarationOf(name), publicUrl(), now);
  else hide();
  if (movesFocus) (name ? channel : overview).querySelector("h2").focus();
  movesFocus = true;
}

find("open").onsubmit = (submit) => {
  submit.preventDefault();
  location.hash = encodeURI(submit.target.elements.path.value.replace(/^\/?/, "/"));
};

login.onsubmit = async (submit) => {
  submit.preventDefault();
  const { token } = login.elements;
  const refusal = await post(url("login"), token.value).then(() => "", ({ message }) => message);
  setText(find("refusal"), refusal);
  if (refusal) return;
  token.value = "";
  login.hidden = true;
  [isShown, movesFocus] = [false, true]; // the stream of a channel has also been refused
  open();
};

addEventListener("hashchange", route);
// A page that the browser keeps for the back button would keep its connections.
addEventListener("pageshow", open);
addEventListener("pagehide", () => {
  leaving.abort();
  hide();
  [isShown, movesFocus] = [false, false];
});
