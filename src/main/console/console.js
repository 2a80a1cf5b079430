/** The console: what is wrong, the plots, the table of channels, and the page of a channel. */
import { about, hide, show, update } from "./channel.js";
import { count, duration, element, setText, time } from "./format.js";
import { Plots } from "./plots.js";
import { follow, problemOf } from "./stream.js";

const SILENCE = 10_000; // milliseconds without an event of /console/stats, of which there is one every second

const find = (id) => document.getElementById(id);
const [state, problems, overview, channel, rows, login] = ["state", "problems", "overview", "channel", "rows", "login"].map(find);
const url = (path) => new URL(path, document.baseURI);
const plots = new Plots(find("plots"), find("redis-plots"));
let channels = { channels: [] };
let leaving = new AbortController();
let now = 0; // the time of the server
let isShown = false; // whether the route has been shown

function open() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  follow(url("stats"), { position: "earliest", signal, silence: SILENCE, onState: showState, onEvent: showStats });
  follow(url("channels"), { signal, onState: () => {}, onEvent: showChannels });
}

function showState(name, reason, status) {
  const texts = { open: "live", lost: `stream lost, trying again: ${reason}`, closed: reason, ended: "the stream has ended" };
  const isLocked = status === 401 || status === 403;
  setText(state, isLocked ? "a token is needed" : texts[name]);
  state.dataset.state = isLocked ? "locked" : name;
  login.hidden = !isLocked;
  if (isLocked) login.elements.token.focus();
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
  if (texts.join("\n") === [...problems.children].map(({ textContent }) => textContent).join("\n")) return;
  problems.className = sentences.length > 0 ? "wrong" : "";
  problems.replaceChildren(...texts.map((textContent) => element("li", { textContent })));
}

function showRedis(redis) {
  find("redis").hidden = !redis;
  if (!redis) return;
  setText(find("redis-state"), `Redis is ${redis.state}${redis.epoch ? `, epoch ${redis.epoch}` : ""}.`);
  const nodes = (redis.nodes ?? []).map(({ id, beatMillis }) => `Node ${id}: its last beat was ${duration(beatMillis)} ago.`);
  const list = find("nodes");
  while (list.childElementCount > nodes.length) list.lastElementChild.remove();
  nodes.forEach((text, i) => setText(list.children[i] ?? list.appendChild(element("li")), text));
}

function showChannels({ type, data }) {
  if (type) return;
  channels = JSON.parse(data);
  now = Math.max(now, now);
  const keep = new Set();
  let last = null;
  for (const each of channels.channels) {
    last = showRow(each.path, cellsOf(each), last, keep, each.family);
    for (const member of each.busiest ?? []) last = showRow(member.path, cellsOf(member), last, keep, false, "member");
  }
  for (const row of [...rows.children]) if (!keep.has(row)) row.remove();
  const { length } = channels.channels;
  setText(find("none"), length === 0 ? "No channel is declared." : "");
  if (!isShown) route();
  else update(declarationOf(nameOfRoute()), now);
}

function cellsOf({ subscribers, publishedPerSecond, kept, oldestMillis, members, family, ...declaration }) {
  const rights = declaration.keep ? about(declaration).replace(/^keeps .*?, (?=reading|anyone)/, "") : "";
  const size = family ? `${count(members ?? 0)} channels` : kept == null ? "" : count(kept);
  return [
    count(subscribers ?? 0),
    count(publishedPerSecond ?? 0),
    size,
    oldestMillis ? time(oldestMillis) : "",
    declaration.keep === "latest" ? "the latest event" : (declaration.keep ?? ""),
    rights,
  ];
}

/** Changes or adds a row after another one, and returns it. A row stays the same element, so the focus stays on its link. */
function showRow(path, cells, before, keep, isFamily, className = "") {
  const found = [...rows.children].find((row) => row.dataset.path === path && !keep.has(row));
  const row = found ?? element("tr", { className }, element("th", { scope: "row" }), ...cells.map(() => element("td")));
  if (!found) {
    row.dataset.path = path;
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
  const isFirst = !isShown;
  isShown = true;
  [overview.hidden, channel.hidden] = [name !== "", name === ""];
  document.title = name ? `Crier console: ${name}` : "Crier console";
  if (name) show(name, declarationOf(name), publicUrl(), now);
  else hide();
  if (!isFirst) (name ? channel : overview).querySelector("h2").focus();
}

find("open").onsubmit = (submit) => {
  submit.preventDefault();
  location.hash = encodeURI(submit.target.elements.path.value.replace(/^\/?/, "/"));
};

login.onsubmit = async (submit) => {
  submit.preventDefault();
  const { token } = login.elements;
  const headers = { Authorization: `Bearer ${token.value}` };
  const response = await fetch(url("login"), { method: "POST", headers }).catch(() => undefined);
  setText(find("refusal"), response?.ok ? "" : response ? await problemOf(response) : "no connection to the server");
  if (!response?.ok) return;
  token.value = "";
  open();
};

addEventListener("hashchange", route);
// A page that the browser keeps for the back button would keep its connections.
addEventListener("pageshow", open);
addEventListener("pagehide", () => {
  leaving.abort();
  hide();
  isShown = false;
});
