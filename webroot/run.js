// Shows a stream that ends: /run.html?run=/runs/42, with &lines if each event is a line.
const query = new URLSearchParams(location.search);
const name = (query.get("run") ?? "").replace(/^\/?/, "/");
// Relative to this page, so no link can make it read from another server or send a token there. A quote is encoded,
// because the page shows the URL in a shell command.
const path = name.split("/").map(encodeURIComponent).join("/").replaceAll("'", "%27");
const folder = new URL(".", document.baseURI).href;
const channel = new URL(`.${path}`, folder).href;

const ENDS = { ended: "ended", stopped: "stopped", producerGone: "ended early, because its producer is gone" };
// Statuses after which reconnecting is of no use.
const FINAL = {
  204: "ended",
  400: "this is not the path of a channel",
  401: "reading needs a token, which your application sets as a cookie",
  403: "your token does not permit reading this channel",
  404: "no such channel here",
};
const RETRY = 2_000; // milliseconds, after any other status
const SLACK = 32; // pixels from the end of the page within which the page follows the text

const state = document.getElementById("state");
const text = document.getElementById("text");
const lines = document.getElementById("lines");
const form = document.getElementById("stop");
const output = document.getElementById("answer");
const { token } = form.elements;

let stream;
let timer;
let last = "earliest";
let isEnded = false;

// The browser reconnects by itself and sends the last event id. A page that is loaded again reads from the beginning.
function open() {
  stream = new EventSource(`${channel}?lastEventId=${last}`);
  stream.onopen = () => show("live", "live");
  stream.onmessage = (event) => add(event, document.createTextNode(event.data), document.createElement("br"));
  stream.addEventListener("crier.gap", (event) => {
    const note = Object.assign(document.createElement("span"), { className: "gap" });
    note.textContent = "[Some text is missing here, because it is no longer kept.]";
    add(event, note);
  });
  stream.addEventListener("crier.end", (event) => {
    const { reason } = JSON.parse(event.data);
    if (!reason) return; // Crier ends the stream, but not the run: the browser reconnects
    const time = new Date(Number(event.lastEventId.split("-")[0]));
    const when = time.toLocaleString("en", { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
    end(reason, `${ENDS[reason] ?? reason} (${when})`);
  });
  stream.onerror = () => {
    show("lost", "connection lost, reconnecting");
    if (stream.readyState === EventSource.CLOSED) checkStatus(stream);
  };
}

// A closed EventSource does not tell the status, but a HEAD request gets the same status.
async function checkStatus(closed) {
  const response = await fetch(`${channel}?lastEventId=${last}`, { method: "HEAD" }).catch(() => undefined);
  if (closed !== stream) return; // the user left the page meanwhile
  const isStream = response?.headers.get("Content-Type")?.startsWith("text/event-stream");
  if (FINAL[response?.status]) end(response.status === 204 ? "ended" : "closed", FINAL[response.status]);
  else if (response?.ok && !isStream) end("closed", "this is a page and not a channel");
  else timer = setTimeout(open, RETRY);
  if (response?.status === 404) document.getElementById("undeclared").hidden = false;
}

function end(name, description) {
  stream.close();
  isEnded = true;
  form.hidden = true;
  show(name, description);
}

function show(name, description) {
  state.dataset.state = name;
  state.textContent = description;
}

// Text is added once for each frame, because each look at the scroll position makes the browser lay out the whole page.
const added = document.createDocumentFragment();

function add(event, ...nodes) {
  last = event.lastEventId;
  if (!added.hasChildNodes()) requestAnimationFrame(flush);
  added.append(...nodes);
}

function flush() {
  const page = document.scrollingElement;
  const isAtEnd = page.scrollHeight - page.scrollTop - innerHeight < SLACK;
  text.append(added);
  if (isAtEnd) page.scrollTop = page.scrollHeight;
}

// Ask to stop without a token first: a proxy may add one. Crier itself requires one.
form.onsubmit = async (submit) => {
  submit.preventDefault();
  try {
    const headers = token.value ? { Authorization: `Bearer ${token.value}` } : {};
    const response = await fetch(channel, { method: "DELETE", headers });
    const problem = response.ok ? { detail: "" } : await response.json().catch(() => ({}));
    if (response.status === 401 || response.status === 403) {
      token.labels[0].hidden = false;
      token.focus();
    }
    output.textContent = problem.detail ?? `not stopped: status ${response.status}`; // the end itself arrives as an event
  } catch {
    output.textContent = "not stopped: no connection";
  }
};

lines.checked = query.has("lines");
lines.onchange = () => {
  lines.checked ? query.set("lines", "") : query.delete("lines");
  history.replaceState(null, "", search(query));
  text.classList.toggle("lines", lines.checked);
};
text.classList.toggle("lines", lines.checked);

// The line of the configuration and the command that the page recommends.
const family = name.replace(/(?<=.)\/[^/]*$/, "/:id");
document.querySelector("#undeclared pre").textContent =
  `${JSON.stringify(family)}: {"keep": {"events": 10000}, "ends": true, "publish": true}`;
document.querySelector("#empty pre").textContent =
  `make 2>&1 | curl -X POST -T - -H "Authorization: Bearer $TOKEN" '${channel}?lines&end'`;
document.getElementById("subscribe").textContent = `curl -N '${query.get("run") ? channel : new URL("runs/42", folder)}'`;

// The dots of a path such as /../orders could lead out of this page's folder, to another application behind the same proxy.
if (query.get("run") && channel.startsWith(folder)) {
  document.querySelector("h1").textContent = name;
  document.title = `Crier: ${name}`;
  document.getElementById("empty").hidden = false;
  form.hidden = false;
  // A page that the browser keeps for the back button would keep its stream, and a browser has six connections for a site.
  addEventListener("pageshow", () => isEnded || open());
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    stream.close();
    stream = undefined;
  });
} else {
  const choose = document.getElementById("choose");
  choose.hidden = false;
  document.getElementById("options").hidden = true;
  show("none", "no channel is named");
  choose.onsubmit = (submit) => {
    submit.preventDefault();
    location.search = search(new URLSearchParams(new FormData(choose)));
  };
}

function search(parameters) {
  return `?${String(parameters).replaceAll("%2F", "/")}`;
}
