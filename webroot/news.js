const events = document.getElementById("events");
const state = document.getElementById("state");
const form = document.getElementById("publish");
const answer = document.getElementById("answer");
const channel = events.dataset.channel;

// Receive: the browser comes back by itself, to the place it was at, and misses nothing.
const stream = new EventSource(`${channel}?lastEventId=earliest`);
stream.onopen = () => show("live", "live");
stream.onerror = () =>
  stream.readyState === EventSource.CLOSED
    ? show("closed", "no such channel here: declare /news in the conf, and load this page again")
    : show("lost", "connection lost, coming back");
stream.onmessage = (event) => add(event.data, event.lastEventId);
stream.addEventListener("crier.gap", () => add("Some events before this one are no longer kept.", "gap"));

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

function add(text, note) {
  const item = document.createElement("li");
  item.textContent = text;
  item.title = note;
  events.prepend(item);
}
