import { Crier } from "./crier.js";

const URL_OF_ALL = "events"; // subscribe.path, relative to this page
const FAMILY = "/dashboard/:name";
const FEED = "/news";
const WATCHING = "/watching";

// The lines of the configuration that declare the channels of this page.
const DECLARATIONS = {
  [FAMILY]: '"/dashboard/:name": {"keep": "latest", "publish": true}',
  [FEED]: '"/news": {"keep": {"events": 1000}, "publish": true}',
};
// This channel is optional. Its source publishes the number of subscribers.
const COUNT_DECLARATION = '"/watching": {"source": {"verticle": "dev.crier.source.SubscriberCountVerticle"}}';
const MAX_VALUES = 200;
const MAX_FEED = 50;
const MAX_CHARACTERS = 500; // of an event

const state = document.getElementById("state");
const values = document.getElementById("values");
const feed = document.getElementById("feed");
const undeclared = document.getElementById("undeclared");
const watching = document.getElementById("watching");
const uncounted = document.getElementById("uncounted");
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });
const shown = new Map(); // the list item of each channel of the family

uncounted.querySelector("pre").textContent = COUNT_DECLARATION;
// The addresses in the commands that the page recommends. A channel's colon needs no escape.
for (const url of document.querySelectorAll(".url")) url.textContent = new URL(url.textContent, document.baseURI);

// One connection for all channels. Channels of the family that appear later are included.
const crier = new Crier(URL_OF_ALL);
const isUncounted = (await statusOf(WATCHING)) === 404;
crier.on(FAMILY, showValue);
crier.on(FEED, ({ data, position }) => addToFeed(data, position));
if (!isUncounted) crier.on(WATCHING, ({ data }) => showWatching(Number(data)));
crier.addEventListener("gap", ({ detail }) => {
  if (detail.channel === FEED) addToFeed("Some news before this are no longer kept.", "");
});
crier.addEventListener("state", ({ detail }) => showState(detail.state, detail.reason));

function showState(name, reason) {
  // While the page retries, it still shows why the connection was lost.
  if (name === "connecting" && state.dataset.state === "waiting") return;
  const text = { open: "live", waiting: `${reason}; trying again`, closed: reason };
  state.dataset.state = name;
  state.textContent = text[name] ?? name;
  if (name === "closed") explain();
  uncounted.hidden = !isUncounted || name !== "open";
}

function showWatching(subscribers) {
  watching.hidden = false;
  watching.textContent = `${number.format(subscribers)} watching`;
}

// Finds out which channels are not declared. A HEAD request has the status of a subscription, and opens no stream.
async function explain() {
  if ((await statusOf()) === 404) {
    state.textContent = `nothing is at ${new URL(URL_OF_ALL, document.baseURI).pathname}: is subscribe.path null or another path?`;
    return;
  }
  const statuses = await Promise.all(Object.keys(DECLARATIONS).map(statusOf));
  const lines = Object.values(DECLARATIONS).filter((_, i) => statuses[i] === 404);
  undeclared.hidden = lines.length === 0;
  undeclared.querySelector("pre").textContent = lines.join(",\n");
}

function statusOf(channel) {
  const query = channel ? `?${new URLSearchParams({ channel })}` : "";
  return fetch(URL_OF_ALL + query, { method: "HEAD" }).then((response) => response.status, () => 0);
}

function showValue({ channel, data, position }) {
  const item = shown.get(channel) ?? addValue(channel);
  if (!item) return;
  const [, value, change, time] = item.children;
  const before = value.classList.contains("number") ? Number(value.value) : NaN;
  const isNumber = data.trim() !== "" && Number.isFinite(Number(data));
  value.value = data;
  value.className = isNumber ? "number" : "";
  value.textContent = isNumber ? number.format(Number(data)) : shorten(data);
  const difference = isNumber ? Number(data) - before : NaN;
  change.textContent = difference > 0 ? "▲ up by " : difference < 0 ? "▼ down by " : "";
  if (difference) change.append(number.format(Math.abs(difference)));
  showTime(time, position);
}

// Adds a channel of the family in the order of the names.
function addValue(channel) {
  if (shown.size === MAX_VALUES) {
    document.getElementById("more").textContent = `The family has more channels; ${MAX_VALUES} are shown.`;
    return undefined;
  }
  const item = document.createElement("li");
  const name = Object.assign(document.createElement("span"), { className: "name" });
  name.textContent = channel.slice(FAMILY.lastIndexOf("/") + 1);
  const change = Object.assign(document.createElement("span"), { className: "change" });
  item.append(name, document.createElement("data"), change, document.createElement("time"));
  const next = [...shown.keys()].filter((other) => other > channel).sort()[0];
  values.insertBefore(item, shown.get(next) ?? null);
  shown.set(channel, item);
  return item;
}

function addToFeed(text, position) {
  const item = document.createElement("li");
  const time = document.createElement("time");
  showTime(time, position);
  const content = document.createElement("span");
  content.textContent = shorten(text);
  item.append(time, content);
  feed.prepend(item);
  if (feed.children.length > MAX_FEED) feed.lastElementChild.remove();
}

// A position begins with the time at which the event was stored, in milliseconds.
function showTime(element, position) {
  if (!position) return;
  const date = new Date(Number(position.split("-")[0]));
  element.dateTime = date.toISOString();
  element.textContent = date.toLocaleTimeString("en", { hourCycle: "h23" });
}

function shorten(text) {
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}

