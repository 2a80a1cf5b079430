/**
 * Many channels over one connection. Dispatches "state" (`{ state: "connecting" | "open" | "waiting" | "closed", reason }`) and
 * "gap" (`{ channel, asked, oldest }`). Every stream is read by `fetch`, because `EventSource` hides heartbeats, statuses,
 * `Retry-After` and events of unknown types, and can send neither a token nor a list that does not fit a URL.
 */
export class Crier extends EventTarget {
  #handlers = new Set(); // { channel, handler, matches, since }; all events after `since` go to the handler; a new one has none
  #position = ""; // all events up to here have been delivered
  #names = ""; #state = ""; #changed = false; #failures = 0; #retry = 2_000; #notBefore = 0; #heard = 0; #timer = 0;
  #attempt = new AbortController(); #life = new AbortController(); #url; #token; #silence;

  /**
   * @param {string | URL} url the server's `subscribe.path`
   * @param {{ token?: string | (() => string | Promise<string>), heartbeat?: number }} options `heartbeat` is the server's, in ms
   */
  constructor(url = "/events", { token, heartbeat = 4_000 } = {}) {
    super();
    [this.#url, this.#token, this.#silence] = [new URL(url, document.baseURI), token, 2 * heartbeat];
    const { signal } = this.#life;
    addEventListener("online", () => this.#wake(true), { signal }); // connections of the old network may be dead
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake(), { signal });
    // A page that the browser keeps for the back button would keep its connection, and a browser has six for a site.
    addEventListener("pagehide", () => this.#stop(), { signal });
    addEventListener("pageshow", (event) => event.persisted && this.#wake(true), { signal });
  }

  /**
   * Calls the handler with the newest event of a channel that keeps the latest, and with all events from now on. The last
   * event of a channel that ends has the type "crier.end". The stream goes on.
   * @param {string} channel a channel, or a family as declared, such as "/orders/:id"
   * @param {(event: { channel: string, type: string, data: string, position: string }) => void} handler
   * @returns {() => void} removes the handler */
  on(channel, handler) {
    const parts = channel.split("/"); // a part such as ":id" stands for any one segment
    const matches = (name, segments = channel.includes("/:") ? name.split("/") : []) => name === channel ||
      (segments.length === parts.length && parts.every((part, i) => part.startsWith(":") || part === segments[i]));
    const entry = { channel, handler, matches, since: "" };
    this.#handlers.add(entry);
    this.#change();
    return () => void (this.#handlers.delete(entry) && this.#change());
  }

  close() { this.#life.abort(); this.#handlers.clear(); this.#stop(); this.#show("closed"); }
  #change() { // reconnects after this turn, once for all its changes
    if (!this.#changed) queueMicrotask(() => {
      this.#changed = false;
      if (this.#fresh().length || namesOf(this.#handlers).join("\n") !== this.#names) this.#connect();
    });
    this.#changed = true;
  }
  #fresh() { return [...this.#handlers].filter(({ since }) => !since); }
  #stop() { clearTimeout(this.#timer); this.#attempt.abort(); }
  #wake(always = this.#state === "waiting" || Date.now() - this.#heard > this.#silence) { // timers of hidden pages are late
    if (always && this.#state !== "closed") this.#connect();
  }
  #show(state, reason = "") {
    if (state !== this.#state || reason) this.dispatchEvent(new CustomEvent("state", { detail: { state: (this.#state = state), reason } }));
  }

  #connect() {
    this.#stop();
    if (this.#life.signal.aborted) return;
    this.#names = namesOf(this.#handlers).join("\n");
    if (!this.#names) return void this.#show("closed", (this.#position = "")); // a later handler gets nothing of the time between
    const wait = this.#notBefore - Date.now(); // Retry-After holds for every reason to connect
    if (wait > 0) this.#timer = setTimeout(() => this.#connect(), wait);
    else this.#run((this.#attempt = new AbortController()));
  }

  async #run(attempt) {
    let failure = new Error("the server has ended the stream");
    this.#show("connecting");
    try {
      // A stream that resumes lacks newest events that are older than its position. A short stream brings those of new
      // handlers first. It does not run beside the other, because six pages may use all connections of a browser.
      if (this.#position && this.#fresh().length) await this.#read(attempt, this.#fresh(), "");
      await this.#read(attempt, [...this.#handlers], this.#position, true);
    } catch (error) { failure = error instanceof TypeError ? new Error("no connection to the server") : error; }
    const { aborted, reason } = attempt.signal;
    if (attempt !== this.#attempt || (aborted && !reason.silent)) return; // another has begun, or the page has stopped this one
    this.#stop();
    if (failure.final) return this.#show("closed", failure.message);
    this.#notBefore = Date.now() + (failure.wait ?? 0);
    this.#timer = setTimeout(() => this.#connect(), failure.wait ?? Math.min(this.#retry * 2 ** this.#failures++, 30_000));
    this.#show("waiting", aborted ? reason.message : failure.message);
  }

  async #read(attempt, handlers, position, toEnd = false) { // without `toEnd`, only the newest events and the start block
    let newest = position ? undefined : []; // held until the start block: if the stream breaks before, the next one has them
    for await (const { type, data, id } of this.#blocks(attempt, namesOf(handlers), position)) {
      const [at, name = ""] = id.split(" ");
      if (attempt.signal.aborted || (type === "crier.end" && !name)) return; // a name: its last event
      const event = { channel: decodeURIComponent(name), type, data, position: at };
      if (newest && type !== "crier.start") { newest.push(event); continue; }
      if (newest) handlers.forEach((one) => (one.since = at));
      if (toEnd) [this.#position, this.#failures] = [at || this.#position, 0];
      if (toEnd) this.#show("open");
      newest?.forEach((each) => this.#call(handlers.filter((one) => one.matches(each.channel)), each));
      if (!toEnd) return; else newest = undefined;
      const gap = type === "crier.gap" ? JSON.parse(data) : undefined;
      const due = [...this.#handlers].filter((one) => one.matches(gap?.channel ?? event.channel) && one.since && (!at || isLater(at, one.since)));
      if (!gap) this.#call(due, event);
      else if (due.length) this.dispatchEvent(new CustomEvent("gap", { detail: gap }));
    }
  }

  #call(handlers, event) { // one handler may remove another, and an error in one does not stop the stream
    for (const one of handlers) try { if (this.#handlers.has(one)) one.handler(event); } catch (error) { reportError(error); }
  }

  async *#blocks(attempt, channels, position) {
    const watch = (reason = { silent: true, message: "the server is silent" }) => { // also for heartbeats
      if (attempt.signal.aborted) return; // the timer is another's
      clearTimeout(this.#timer);
      [this.#heard, this.#timer] = [Date.now(), setTimeout(() => attempt.abort(reason), this.#silence)];
    };
    watch();
    const reader = await open(this.#url, channels, position, this.#token, attempt.signal);
    try {
      for (let chunk, rest = "", block = {}; !(chunk = await reader.read()).done; ) {
        watch();
        const lines = (rest + chunk.value).split("\n"); // the server ends lines with LF
        rest = lines.pop();
        for (const line of lines) {
          const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
          if (field === "retry") this.#retry = Number(value);
          else if (line) block[field] = field === "data" && "data" in block ? `${block.data}\n${value}` : value;
          else if ("data" in block) yield { type: block.event ?? "message", data: block.data, id: block.id ?? "" };
          if (!line) block = {};
        }
      }
    } finally { reader.cancel().catch(() => {}); } // closes the connection
  }
}

async function open(base, channels, position, token, signal) {
  const names = channels.map((name) => ["channel", name]), resume = position ? [["lastEventId", position]] : [];
  const url = (query) => Object.assign(new URL(base), { search: new URLSearchParams([...base.searchParams, ...query]) });
  const bearer = typeof token === "function" ? await token() : token;
  const request = { signal, cache: "no-store", headers: bearer ? { Authorization: `Bearer ${bearer}` } : {} };
  const get = url([...resume, ...names]), form = { ...request, method: "POST", body: new URLSearchParams(names) };
  const response = await (get.href.length > 7_000 ? fetch(url(resume), form) : fetch(get, request)); // proxies accept 8,000 characters
  const { ok, status, headers, body } = response;
  if (ok && headers.get("Content-Type")?.startsWith("text/event-stream")) return body.pipeThrough(new TextDecoderStream()).getReader();
  const { detail = `the server has answered with status ${status}` } = await response.json().catch(() => ({})); // a problem of RFC 9457
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429; // a retry would get the same response
  throw Object.assign(new Error(detail), { final: isFinal, wait: Number(headers.get("Retry-After")) * 1_000 || undefined });
}
const namesOf = (handlers) => [...new Set([...handlers].map(({ channel }) => channel))].sort();
const isLater = (a, b, [m, s] = a.split("-"), [n, t] = b.split("-")) => (m - n || s - t) > 0; // <milliseconds>-<sequence>
