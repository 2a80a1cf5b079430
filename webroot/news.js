const events = document.getElementById("events");
const state = document.getElementById("state");
const form = document.getElementById("publish");
const output = document.getElementById("answer");
const channel = events.dataset.channel;

// Statuses after which reconnecting is of no use.
const FINAL = {
  401: "reading needs a token: get one, and load this page again",
  403: "pages of this origin may not read this channel",
  404: "no such channel here",
};
const RETRY = 2_000; // milliseconds, after any other status

// Subscribe. The browser reconnects by itself, sends the last event id, and so misses nothing.
let stream;
let timer;
let last = "earliest";

function open() {
  stream = new EventSource(`${channel}?lastEventId=${last}`);
  stream.onopen = () => show("live", "live");
  stream.onmessage = (event) => add(event.data, event.lastEventId);
  stream.addEventListener("crier.gap", (event) => add("Some events before this one are no longer kept.", event.lastEventId));
  stream.onerror = () => {
    show("lost", "connection lost, reconnecting");
    if (stream.readyState === EventSource.CLOSED) checkStatus(stream);
  };
}

// A closed EventSource does not tell the status, but a HEAD request gets the same status.
async function checkStatus(closed) {
  const status = await fetch(channel, { method: "HEAD" }).then((response) => response.status, () => 0);
  if (closed !== stream) return; // the user left the page meanwhile
  document.getElementById("undeclared").hidden = status !== 404;
  if (FINAL[status]) show("closed", FINAL[status]);
  else timer = setTimeout(open, RETRY);
}

// A page that the browser keeps for the back button would keep its stream, and a browser has six connections for a site.
addEventListener("pageshow", open);
addEventListener("pagehide", () => {
  clearTimeout(timer);
  stream.close();
  stream = undefined;
});

// Publish, with one request.
form.onsubmit = async (submit) => {
  submit.preventDefault();
  const { token, data } = form.elements;
  try {
    const response = await fetch(channel, {
      method: "POST",
      headers: { Authorization: `Bearer ${token.value}`, "Content-Type": "text/plain" },
      body: data.value,
    });
    const body = await response.json();
    output.textContent = response.ok ? `published as ${body.id}` : body.detail;
    if (response.ok) data.value = "";
  } catch {
    output.textContent = "not published: no connection";
  }
};

function show(name, text) {
  state.dataset.state = name;
  state.textContent = text;
}

function add(text, id) {
  last = id;
  const item = document.createElement("li");
  item.textContent = text;
  item.title = id;
  events.prepend(item);
}

// The addresses in the commands that the page recommends.
for (const url of document.querySelectorAll(".url")) url.textContent = new URL(url.textContent, document.baseURI);
