// An EventSource reconnects by itself when its connection breaks. But it gives up at any status other than
// 200, such as a proxy's 502 while Crier restarts, and it cannot see that a connection has gone silent, as
// when a cable is unplugged. So this page opens a new one when nothing arrives for a while.
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

// A page that the browser keeps for its back button keeps its connection too. Over HTTP/1.1 a browser has
// six for all pages of a site. So the stream closes when the page is hidden and opens when it is shown.
addEventListener("pageshow", open);
addEventListener("pagehide", () => {
  clearTimeout(timer);
  stream.close();
});
