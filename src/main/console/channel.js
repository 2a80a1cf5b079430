/** The page of one channel: its newest events, its history, and how to publish and subscribe to it. */
import { copy, count, element, quote, setText, time } from "./format.js";
import { follow, from, post, read } from "./stream.js";

const PAGE = 100; // events of the history that are read at a time
const MAX_LIVE = 200; // events that are shown while new ones arrive
const MAX_READ = 20 * PAGE; // events that are read for one page of the history
const PERIOD = 250; // milliseconds between two changes of the list
const MAX_CHARACTERS = 20_000_000; // characters of the events that are shown while new ones arrive
const MAX_TYPES = 100; // types that the filter offers
const MAX_LISTENERS = 5; // types that the example in JavaScript listens to
const MAX_SUMMARY = 300; // characters of the data in one line
const MAX_DETAILS = 200_000; // characters of the data when it is opened
const MAX_COMMAND = 100_000; // characters of a command; Linux takes 128 KiB
const IDLE = 1_000; // milliseconds without an event after which there is no more history
const PATIENCE = 30_000; // the same while there must be more, because the store may be slow
const ALL = "\n"; // no type has a control character
const JSON_TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|\{\s*\}|\[\s*\]|[{}[\],:]|[^\s{}[\],:"]+/g;
const ENDS = {
  ended: "The channel has ended.",
  stopped: "The channel has been stopped.",
  producerGone: "The channel has ended, because its producer is gone.",
};
const LOG = new URL("log/", document.baseURI).href;

const section = document.getElementById("channel");
const part = (name) => section.querySelector(`[data-part="${name}"]`);
const [list, output, olderButton, newButton, typeFilter] = ["events", "result", "older", "new", "type"].map(part);
const form = section.querySelector("form");
const { token, data, type: typeField } = form.elements;

let shown; // { url, publicUrl, declaration, now, signal, position, isHeld, held, heldCount, types }
let leaving = new AbortController();
let arrived = []; // events arrive one by one, and are shown a few times a second
let flushedAt = -Infinity;

/**
 * Shows a channel. Nothing of it is read after `hide`.
 *
 * @param {string} publicUrl the address of the main listener
 * @param {number} now the time of the server, because the clock of the browser may be ahead
 */
export function show(name, declaration, publicUrl, now) {
  hide();
  leaving = new AbortController();
  const path = name.split("/").map(encodeURIComponent).join("/");
  const url = new URL(`log${path}`, document.baseURI);
  shown = { url, publicUrl: publicUrl + path.slice(1), declaration, now, signal: leaving.signal, types: new Set() };
  Object.assign(shown, { isHeld: false, held: [], heldCount: 0 });
  arrived = [];
  setText(section.querySelector("h2"), name);
  list.replaceChildren();
  typeFilter.replaceChildren(new Option("all types", ALL));
  [output.textContent, part("history").textContent, newButton.hidden, olderButton.hidden] = ["", "", true, true];
  olderButton.disabled = false;
  showCommands();
  // The dots of a name such as /../x would lead out of the log.
  if (!name.startsWith("/") || !url.href.startsWith(LOG)) return void showState("closed", "This is not the path of a channel.");
  showState("connecting", "connecting");
  const { signal } = shown;
  follow(url, { position: startOf(declaration, now), signal, onEvent: receive, onState: showState });
}

export function hide() {
  leaving.abort();
  shown = undefined;
}

/** Takes the declaration of the channel that is shown, as it changes every second. */
export function update(declaration, now) {
  if (!shown) return;
  Object.assign(shown, { declaration, now });
  showCommands();
}

/** Returns an instant after which there are probably enough events, but not all of a long history; "" if the counts are not known. */
function startOf({ kept, oldestMillis, newest } = {}, now) {
  if (kept <= MAX_LIVE) return "earliest";
  const end = newest ? millisOf(newest) : now;
  return kept && oldestMillis ? new Date(end - ((end - oldestMillis) * PAGE) / kept).toISOString() : "";
}

function showState(state, reason, status) {
  if (!shown) return;
  const text = {
    open: "live",
    lost: `${reason}; trying again`,
    ended: "The channel has ended.",
    closed: reason,
  }[state];
  setText(part("state"), (status === 404 && `No such channel is declared; trying again.`) || text || state);
  part("state").dataset.state = state;
  if (state === "open" || state === "ended") olderButton.hidden = shown.declaration?.keep === "latest";
  if (state !== "ended") return;
  flush();
  if (list.childElementCount === 0) older();
}

function receive(event) {
  // The page has guessed where to begin, so a gap there is not worth a line.
  if (event.type === "crier.start" || (event.type === "crier.gap" && !shown.position)) {
    shown.position ||= event.id;
    const { signal } = shown;
    setTimeout(() => !signal.aborted && list.childElementCount === 0 && older(), 300); // quiet for long: show what is older
    return;
  }
  shown.position ||= event.id;
  // Each change costs a layout of the whole list.
  if (arrived.length === 0) setTimeout(() => requestAnimationFrame(flush), flushedAt + PERIOD - performance.now());
  arrived.push({ event, signal: shown.signal });
  if (arrived.length > MAX_LIVE + 1) arrived.shift(); // a hidden page has no frames
}

function flush() {
  const events = arrived.filter(({ signal }) => signal === shown?.signal).map(({ event }) => event);
  [arrived, flushedAt] = [[], performance.now()];
  if (events.length === 0) return;
  // An event that is being read would be pushed off the page.
  shown.isHeld ||= list.childElementCount + events.length > MAX_LIVE && list.querySelector("[open], :focus") !== null;
  if (shown.isHeld) {
    shown.held = [...shown.held, ...events].slice(-MAX_LIVE - 1);
    shown.heldCount += events.length;
    newButton.hidden = false;
    setText(newButton, `Show ${count(shown.heldCount)} new`);
    return;
  }
  list.prepend(...events.slice(-MAX_LIVE).map(row).reverse());
  trim();
  if (!events.at(-1).id) [...list.children].slice(1).forEach((old) => old.remove()); // a latest channel has no history
}

/** Removes the oldest events that are too many for the page, but never the newest one. */
function trim() {
  let characters = 0;
  [...list.children].forEach((item, i) => {
    characters += item.characters;
    if (i > 0 && (i >= MAX_LIVE || characters > MAX_CHARACTERS)) item.remove();
  });
}

newButton.onclick = () => {
  const { held } = shown;
  Object.assign(shown, { held: [], heldCount: 0, isHeld: false });
  newButton.hidden = true;
  if (held.length > MAX_LIVE) list.replaceChildren(); // otherwise there would be a hole between them and the others
  for (const event of held.slice(-MAX_LIVE)) list.prepend(row(event));
  trim();
  olderButton.hidden = false;
  section.querySelector("h2").focus();
};

olderButton.onclick = older;

/** Reads the events before the oldest one that is shown. A stream only goes forward, so it begins where there are probably enough. */
async function older() {
  if (olderButton.disabled) return; // it is reading
  flush();
  const { url, signal } = shown;
  const oldest = list.lastElementChild?.dataset.id;
  const end = oldest || shown.position || "";
  // The position of a stream that has just begun is that of the newest event, which has not been shown.
  const isOlder = ({ id }) => !end || (oldest ? isBefore(id, end) : !isBefore(end, id));
  if (list.childElementCount > 0) [shown.isHeld, newButton.hidden] = [true, shown.held.length === 0];
  olderButton.disabled = true;
  const endMillis = end ? millisOf(end) : shown.now + 60_000;
  let page;
  // A span before the end that has too few events, and one that has too many.
  for (let [span, few, many] = [spanOf(endMillis), 1, Infinity]; ; ) {
    const start = endMillis - span < 0 ? "earliest" : `${Math.floor(endMillis - span)}-0`;
    // The stream reaches the oldest event that is shown. If none is, it stays open.
    const patience = oldest ? PATIENCE : IDLE;
    page = await readWhile(isOlder, from(url, start), signal, patience, many < 2 * few ? Infinity : MAX_READ);
    if (signal.aborted) return;
    page.isAll ||= start === "earliest";
    if (page.isTooLong) many = Math.min(span, endMillis);
    else if (page.events.length === 0 && !page.isAll && !page.failure) few = span;
    else break;
    span = many === Infinity ? span * 100 : Math.sqrt(few * many);
  }
  list.append(...page.events.map(row).reverse());
  olderButton.disabled = false;
  olderButton.hidden = page.isAll && !page.isCut;
  setText(part("history"), page.failure ?? (olderButton.hidden ? "These are all events that the channel keeps." : ""));
}

/** Returns how many milliseconds before the end have probably a page of events, if events are as frequent as those that are shown. */
function spanOf(endMillis) {
  const { kept, oldestMillis } = shown.declaration ?? {};
  const newest = list.firstElementChild?.dataset.id;
  if (newest) return Math.max(((millisOf(newest) - endMillis) * PAGE) / list.childElementCount, 10_000);
  return kept ? Math.max(((endMillis - oldestMillis) * PAGE) / kept, 10_000) : Infinity; // perhaps there are only a few
}

/** Returns the last of the older events of a stream, or reports that there are more than a number. */
async function readWhile(isOlder, url, signal, patience, max) {
  const page = { events: [], isAll: false, isCut: false, isTooLong: false, failure: undefined };
  let total = 0;
  try {
    for await (const event of read(url, signal, patience, { countsHeartbeats: false })) {
      page.isAll ||= event.type === "crier.gap"; // older ones are no longer kept
      if (event.type === "crier.end" && !event.data.includes("reason")) break;
      if (!event.id || !isOlder(event)) break;
      if (event.type === "crier.start" || event.type === "crier.gap") continue;
      if (page.events.push(event) > PAGE) page.isCut = Boolean(page.events.shift());
      if ((page.isTooLong = ++total > max)) break;
    }
  } catch (error) {
    const isIdle = (error.message === "the server is silent" && patience === IDLE) || error.status === 204;
    page.failure = isIdle ? undefined : `The history cannot be read: ${error.message}`;
  }
  return page;
}

const millisOf = (id) => Number(id.split("-")[0]);
const isBefore = (a, b, [m, s] = a.split("-"), [n, t] = b.split("-")) => (m - n || s - t) < 0; // <milliseconds>-<sequence>

/** Returns the list item of an event. Its details are created when it is opened. */
function row(event) {
  const { type, data: text, id } = event;
  const summary = element("summary");
  if (id) summary.append(element("time", { textContent: time(millisOf(id)), dateTime: new Date(millisOf(id)).toISOString() }));
  if (type) summary.append(element("span", { className: "type", textContent: type }));
  summary.append(element("span", { className: "data", textContent: describe(event).slice(0, MAX_SUMMARY) }));
  const details = element("details", {}, summary);
  details.addEventListener("toggle", () => details.childElementCount === 1 && details.append(...detailsOf(event)));
  const item = element("li", {}, details);
  [item.dataset.id, item.dataset.type, item.characters] = [id, type, text.length];
  addType(type);
  item.hidden = !isWanted(type);
  return item;
}

function describe({ type, data: text }) {
  if (type === "crier.gap") return "Some events before this one are no longer kept.";
  if (type === "crier.end") return ENDS[JSON.parse(text).reason] ?? ENDS.ended;
  return text;
}

function detailsOf({ type, data: text, id }) {
  const whole = pretty(text);
  const body = code("Data of the event", whole.slice(0, MAX_DETAILS));
  const notes = id ? [`event id ${id}`] : [];
  if (whole.length > MAX_DETAILS) notes.push(`These are the first ${count(MAX_DETAILS)} characters.`);
  const about = notes.map((textContent) => element("p", { className: "quiet", textContent }));
  if (type.startsWith("crier.") || text.length > MAX_COMMAND) return [body, ...about];
  const command = code("Command that publishes the event again", publishCommand(text, type));
  const result = element("output");
  const button = element("button", { type: "button", textContent: "Copy as curl", onclick: () => copy(command, result) });
  return [body, ...about, command, element("p", {}, button, " ", result)];
}

function code(ariaLabel, textContent) {
  return element("pre", { className: "code", role: "group", tabIndex: 0, ariaLabel, textContent });
}

/** Indents JSON. Each value stays as it was written, because JavaScript would round large numbers and drop repeated keys. */
function pretty(text) {
  try {
    JSON.parse(text);
    let [lines, indent] = ["", "\n"];
    for (const [token] of text.matchAll(JSON_TOKEN)) {
      if (token === "{" || token === "[") lines += token + (indent += "  ");
      else if (token === "}" || token === "]") lines += (indent = indent.slice(0, -2)) + token;
      else lines += token === "," ? token + indent : token === ":" ? ": " : token;
      if (lines.length > MAX_DETAILS) break;
    }
    return lines;
  } catch {
    return text; // it is no JSON
  }
}

function addType(type) {
  if (shown.types.has(type) || type.startsWith("crier.") || shown.types.size === MAX_TYPES) return;
  shown.types.add(type);
  typeFilter.append(new Option(type || "no type", type));
  showCommands();
}

function isWanted(type) {
  return typeFilter.value === ALL || typeFilter.value === type;
}

typeFilter.onchange = () => {
  for (const item of list.children) item.hidden = !isWanted(item.dataset.type);
};

// The token is kept only in its field, which is gone with the page.
form.onsubmit = async (submit) => {
  submit.preventDefault();
  output.textContent = "publishing";
  const target = new URL(shown.url);
  if (typeField.value) target.searchParams.set("event", typeField.value);
  const headers = { "Content-Type": "text/plain;charset=utf-8" };
  output.textContent = await post(target, token.value, { headers, body: data.value })
    .then((response) => response.json())
    .then(({ id }) => `published as ${id}`, ({ message }) => `not published: ${message}`);
};

form.oninput = showCommands;

function publishCommand(text, type) {
  const target = type ? `${shown.publicUrl}?${new URLSearchParams({ event: type })}` : shown.publicUrl;
  return `curl -H "Authorization: Bearer $TOKEN" --data-raw ${quote(text)} ${quote(target)}`;
}

/** Shows commands for the address of Crier's main listener. The token is never part of them. */
function showCommands() {
  const { publicUrl, declaration } = shown;
  const isOpen = declaration?.read !== "token";
  const authorization = isOpen ? "" : '-H "Authorization: Bearer $TOKEN" ';
  const hasHistory = declaration?.keep !== "latest";
  const start = hasHistory ? "?lastEventId=earliest" : "";
  const typed = [...shown.types].filter((type) => type !== "").slice(0, MAX_LISTENERS);
  form.hidden = declaration?.publish === false;
  part("no-publish").hidden = !form.hidden;
  setText(part("subscribe"), `curl -N ${authorization}${quote(publicUrl + start)}`);
  setText(
    part("script"),
    [
      `const events = new EventSource(${JSON.stringify(publicUrl)}${isOpen ? "" : ", { withCredentials: true }"});`,
      "events.onmessage = (event) => console.log(event.data);",
      ...typed.map((type) => `events.addEventListener(${JSON.stringify(type)}, (event) => console.log(event.data));`),
    ].join("\n"),
  );
  setText(part("publish"), publishCommand(data.value || "Hello", typeField.value));
  setText(part("about"), declaration ? about(declaration) : "");
}

export function about({ keep, read: readers, publish, ends }) {
  return [
    `keeps ${keep === "latest" ? "the latest event" : keep}`,
    readers === "token" ? "reading needs a token" : "anyone may read",
    publish ? "publishing needs a token" : "no publishing over HTTP",
    ...(ends ? ["can end"] : []),
  ].join(", ");
}

for (const button of section.querySelectorAll("[data-copy]")) {
  button.onclick = () => copy(part(button.dataset.copy), button.nextElementSibling);
}
