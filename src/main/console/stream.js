/**
 * Reads event streams. It uses fetch, because an EventSource hides statuses, heartbeats and the events of types that it does not
 * know.
 */

/** Statuses after which another attempt would get the same response. */
const FINAL = [400, 401, 403];
const MAX_WAIT = 10_000;
const HIDDEN = 1_000; // milliseconds after which a hidden page closes its streams
const MIN_PATIENCE = 10_000; // milliseconds that a response may take to begin

/**
 * Follows a channel until the signal aborts. After a loss, it tries again and resumes after the last event. A hidden page does so
 * when it is shown, because over HTTP/1.1 a browser has six connections for all pages of a server.
 *
 * @param {(event: { type: string, data: string, id: string }) => void} onEvent
 * @param {(state: "open" | "lost" | "ended" | "closed", reason: string, status: number) => void} onState after "ended" and
 *   "closed", there is no other attempt
 * @param {number} silence milliseconds without a byte after which the connection counts as lost
 */
export async function follow(url, { position = "", signal, silence = 60_000, onEvent, onState }) {
  let last = position;
  for (let failures = 0; !signal.aborted; failures++) {
    await whenVisible(signal);
    if (signal.aborted) return;
    let failure = new Error("the server has ended the stream");
    const attempt = whileVisible(signal);
    try {
      for await (const event of read(from(url, last), attempt.signal, silence, { onOpen: () => onState("open", "", 200) })) {
        if (signal.aborted) return;
        failures = 0;
        last = event.id || last;
        if (event.type === "crier.end" && !event.data.includes("reason")) break; // the stream ends, not the channel
        onEvent(event);
        if (event.type === "crier.end") {
          attempt.abort();
          return void onState("ended", "", 200);
        }
      }
    } catch (error) {
      failure = error;
    }
    const isHidden = attempt.signal.aborted;
    attempt.abort();
    if (signal.aborted) return;
    if (isHidden) continue;
    if (failure.status === 204) return void onState("ended", "", 204);
    if (FINAL.includes(failure.status)) return void onState("closed", failure.message, failure.status);
    const reason = failure instanceof TypeError ? "the connection broke" : failure.message;
    onState("lost", reason, failure.status ?? 0);
    await pause(failure.wait ?? Math.min(500 * 2 ** failures, MAX_WAIT), signal);
  }
}

function whenVisible(signal) {
  return new Promise((resolve) => {
    if (!document.hidden) return void resolve();
    document.addEventListener("visibilitychange", resolve, { once: true, signal });
    signal.addEventListener("abort", resolve, { once: true });
  });
}

/** Returns a controller that aborts with the signal, or when the page has been hidden for a moment. */
function whileVisible(signal) {
  const attempt = new AbortController();
  let timer;
  const check = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => attempt.abort(), HIDDEN);
  };
  document.addEventListener("visibilitychange", check, { signal: attempt.signal });
  signal.addEventListener("abort", () => attempt.abort(), { signal: attempt.signal });
  check();
  return attempt;
}

/**
 * Reads one response, and yields its events. Fails with a status if the response is no event stream, and when nothing has come
 * for the time of `silence`, or only heartbeats if they do not count.
 */
export async function* read(url, signal, silence, { onOpen = () => {}, countsHeartbeats = true } = {}) {
  const attempt = new AbortController();
  const leave = () => attempt.abort(signal.reason);
  signal.addEventListener("abort", leave);
  let timer;
  const heard = (patience) => {
    clearTimeout(timer);
    timer = setTimeout(() => attempt.abort(new Error("the server is silent")), patience);
  };
  heard(Math.max(silence, MIN_PATIENCE));
  try {
    const reader = await open(url, attempt.signal);
    onOpen();
    heard(silence);
    for (let chunk, rest = "", block = {}; !(chunk = await reader.read()).done; ) {
      if (countsHeartbeats || !/^(:.*\n+)+$/.test(chunk.value)) heard(silence);
      const lines = (rest + chunk.value).split("\n"); // the server ends lines with LF
      rest = lines.pop();
      for (const line of lines) {
        const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
        if (line) block[field] = field === "data" && "data" in block ? `${block.data}\n${value}` : value;
        else if ("data" in block) yield { type: block.event ?? "", data: block.data, id: block.id ?? "" };
        if (!line) block = {};
      }
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
    attempt.abort(); // closes the connection
  }
}

async function open(url, signal) {
  const response = await fetch(url, { signal, cache: "no-store" }).catch((error) => {
    throw signal.aborted ? error : new Error("no connection to the server");
  });
  if (response.status !== 204 && response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
    return response.body.pipeThrough(new TextDecoderStream()).getReader();
  }
  const wait = Number(response.headers.get("Retry-After")) * 1_000 || undefined;
  throw Object.assign(new Error(await problemOf(response)), { status: response.status, wait });
}

/** Returns what the response says is wrong: the detail of a problem (RFC 9457), or its status. */
async function problemOf(response) {
  const { detail } = await response.json().catch(() => ({}));
  return detail ?? `the server has answered with status ${response.status}`;
}

/** Sends a request with a bearer token. Fails with a sentence if the server does not accept it. */
export async function post(url, token, options = {}) {
  // fetch would fail as if there were no connection
  if (!/^[!-~]+$/.test(token)) throw new Error("The token has a character that no token has.");
  const headers = { ...options.headers, Authorization: `Bearer ${token}` };
  const response = await fetch(url, { ...options, method: "POST", headers }).catch(() => {
    throw new Error("no connection to the server");
  });
  if (!response.ok) throw new Error(await problemOf(response));
  return response;
}

/** Returns the URL of the stream that begins after a position, or with an instant or "earliest". */
export function from(url, position) {
  return position ? Object.assign(new URL(url), { search: new URLSearchParams({ lastEventId: position }) }) : new URL(url);
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const resume = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", resume);
      resolve();
    };
    const timer = setTimeout(resume, milliseconds);
    signal.addEventListener("abort", resume);
  });
}
