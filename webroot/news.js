const events = document.getElementById("events");
const state = document.getElementById("state");
const form = document.getElementById("publish");
const answer = document.getElementById("answer");
const channel = events.dataset.channel;

// The statuses after which reconnecting is of no use.
const FINAL = {
  401: "reading takes a token: get one, and load this page again",
  403: "pages of this origin may not read this channel",
  404: "no such channel here: declare /news in the conf, and load this page again",
};
const RETRY = 2_000; // milliseconds, after any other status

// Receive: the browser reconnects by itself, resumes at its position, and misses nothing.
let stream;
let timer;
let last = "earliest";

function open() {
  stream = new EventSource(`${channel}?lastEventId=${last}`);
  stream.onopen = () => show("live", "live");
  stream.onmessage = (event) => add(event.data, event.lastEventId);
  stream.addEventListener("crier.gap", (event) => add("Some events before this one are no longer kept.", event.lastEventId));
  stream.onerror = () => {
    show("lost", "connection lost, coming back");
    if (stream.readyState === EventSource.CLOSED) ask(stream);
  };
}

// An EventSource that has given up does not say why, but HEAD gets the same status.
async function ask(closed) {
  const status = await fetch(channel, { method: "HEAD" }).then((response) => response.status, () => 0);
  if (closed !== stream) return; // the page was hidden meanwhile
  if (FINAL[status]) show("closed", FINAL[status]);
  else timer = setTimeout(open, RETRY);
}

// A page that the browser keeps for its back button frees its connection for the pages that are shown.
addEventListener("pageshow", open);
addEventListener("pagehide", () => {
  clearTimeout(timer);
  stream.close();
  stream = undefined;
});

// Publish: one request.
form.onsubmit = async (submit) => {
  submit.preventDefault();
  const { token, data } = form.elements;
  try {
    const response = await fetch(channel, {
      method: "POST",
      headers: { Authorization: `Bearer ${token.value}`, "Content-Type": "text/plain" },
      body: data.value,
    });
    const told = await response.json();
    answer.textContent = response.ok ? `published as ${told.id}` : told.detail;
    if (response.ok) data.value = "";
  } catch {
    answer.textContent = "not published: no connection";
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
