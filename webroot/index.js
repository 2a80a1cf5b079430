// An EventSource connects again by itself when the connection breaks. But it gives up at any status other
// than 200 (a proxy says 502 while the server starts), and it cannot see a connection that has gone silent
// (a cable is out). So where nothing comes for a while, this page opens a new one.
const RETRY = 2_000; // milliseconds, after an answer that was no event stream
const SILENCE = 10_000; // milliseconds

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
  show("lost", "connection lost, trying again");
}

function openAfter(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    // silent but open may only be slow: then the new stream tells
    if (stream.readyState !== EventSource.OPEN) lost();
    open();
  }, milliseconds);
}

function open() {
  stream?.close();
  stream = new EventSource(time.dataset.stream);
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

// A page that the browser keeps for its back button keeps its connection too, and with HTTP/1.1 a browser
// has six for all pages of a site. So the stream is closed when the page goes, and opened when it comes.
addEventListener("pageshow", open);
addEventListener("pagehide", () => {
  clearTimeout(timer);
  stream.close();
});
