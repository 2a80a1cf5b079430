// An EventSource connects again by itself when the connection breaks. It gives up only when the
// answer is not an event stream (a proxy says 502 while the server starts), and it cannot see a
// connection that has gone silent (a cable is out). Then this page opens a new one.
const RETRY = 2_000; // milliseconds
const SILENCE = 10_000; // milliseconds; a clock that ticks each second has long been lost by then

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

function reopenAfter(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    lost();
    open();
  }, milliseconds);
}

function open() {
  stream?.close();
  stream = new EventSource(time.dataset.stream);
  stream.onmessage = (event) => {
    time.textContent = event.data;
    show("live", "live");
    reopenAfter(SILENCE);
  };
  stream.onerror = () => {
    lost();
    reopenAfter(stream.readyState === EventSource.CLOSED ? RETRY : SILENCE);
  };
}

open();
