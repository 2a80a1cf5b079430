// An EventSource reconnects by itself when its connection breaks. But it never reconnects after a status other
// than 200, such as a proxy's 502 while Crier restarts. And it does not notice that its network is gone, such as
// when a cable is unplugged. So this page opens a new EventSource in both cases.
const RETRY = 2_000; // milliseconds to wait after a response that is no event stream
const SILENCE = 10_000; // milliseconds without an event, after which the network may be gone

const time = document.getElementById("time");
const state = document.getElementById("state");
let stream;
let timer;

function show(name, text) {
  if (state.dataset.state !== name) {
    state.dataset.state = name;
    state.textContent = text;
  }
}

function lost() {
  show("lost", "connection lost, reconnecting");
}

function openAfter(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    // A stream that is still open may only be slow; if it is not, the new one fails and shows that.
    if (stream.readyState !== EventSource.OPEN) lost();
    open();
  }, milliseconds);
}

function open() {
  stream?.close();
  stream = new EventSource(time.dataset.channel);
  stream.onopen = () => show("live", "live");
  stream.onmessage = (event) => {
    time.textContent = event.data;
    openAfter(SILENCE);
  };
  stream.onerror = () => {
    lost();
    if (stream.readyState === EventSource.CLOSED) openAfter(RETRY);
  };
  openAfter(SILENCE);
}

// A page that the browser keeps for the back button keeps its connection. Over HTTP/1.1, a browser has six
// connections for all pages of a site. So the stream closes when the user leaves the page and opens when the
// page is shown.
addEventListener("pageshow", open);
addEventListener("pagehide", () => {
  clearTimeout(timer);
  stream.close();
});
