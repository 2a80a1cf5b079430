/** Draws the last fifteen minutes of /console/stats, one plot for each question. */
import { bytes, count, duration, element, setText, time } from "./format.js";

const WINDOW = 15 * 60; // seconds
const MAX_STEP = 3; // seconds between two events; if it is longer, the lines break
const HEIGHT = 140; // pixels
const COLORS = 6;
// Streams that end for these reasons are no trouble.
const USUAL = ["left", "lifetime", "channel_ended", "shutdown"];

// `of` has the limits of values. A value that is undefined was not measured.
const PLOTS = [
  {
    title: "Subscribers",
    format: count,
    series: { subscribers: (s) => s.subscribers, connections: (s) => s.connections },
    of: { connections: (s) => s.maxConnections },
  },
  { title: "Events published a second", format: count, series: { published: (s) => s.published } },
  { title: "Events delivered a second", format: count, series: { delivered: (s) => s.delivered } },
  { title: "Delivery delay", format: duration, series: { median: (s) => s.delay?.p50, "99 %": (s) => s.delay?.p99 } },
  { title: "Lagging subscribers", format: count, series: { lagging: (s) => s.lagging } },
  { title: "Greatest lag", format: duration, series: { lag: (s) => s.lagMillis } },
  { title: "Gaps, ended streams and refusals a second", format: count, series: { gaps: (s) => s.gaps }, more: troubles },
  {
    title: "Size of the log",
    format: bytes,
    series: { memory: (s) => s.log?.memoryBytes, disk: (s) => s.log?.fileBytes },
    of: { memory: (s) => s.log?.maxMemoryBytes },
  },
  { title: "Write time", format: duration, series: { median: (s) => s.log?.write?.p50, "99 %": (s) => s.log?.write?.p99 } },
  {
    title: "Heap",
    format: bytes,
    series: { used: (s) => s.jvm?.heapBytes },
    of: { used: (s) => s.jvm?.maxHeapBytes },
  },
  { title: "Collection pauses a second", format: duration, series: { pauses: (s) => s.jvm?.gcMillis } },
  {
    title: "Event loop delay",
    format: duration,
    series: { "99 %": (s) => s.jvm?.loopDelay?.p99, longest: (s) => s.jvm?.loopDelay?.max },
  },
];
const REDIS_PLOTS = [{ title: "Redis delay", format: duration, series: { delay: (s) => s.redis?.delayMillis } }];

const POWERS = Array.from({ length: 15 }, (_, i) => i);
/** The steps between two lines of the grid: whole numbers, and powers of two. Times have those of uPlot. */
const STEPS = new Map([
  [count, POWERS.flatMap((n) => [10 ** n, 2 * 10 ** n, 5 * 10 ** n])],
  [bytes, POWERS.flatMap((n) => [8 ** n, 2 * 8 ** n, 4 * 8 ** n])],
]);

/** The series of reasons that have occurred, by their labels. */
function troubles({ ended = {}, refused = {} }) {
  const series = {};
  for (const reason of Object.keys(ended).filter((key) => !USUAL.includes(key))) {
    series[reason.replaceAll("_", " ")] = (s) => s.ended && (s.ended[reason] ?? 0);
  }
  for (const status of Object.keys(refused)) series[`refused: ${status}`] = (s) => s.refused && (s.refused[status] ?? 0);
  return series;
}

export class Plots {
  #stats = []; // a break in the lines is an entry with a time alone
  #plots;
  #isScheduled = false;
  #container;

  constructor(container, redis) {
    this.#plots = [...PLOTS.map((one) => new Plot(one, container)), ...REDIS_PLOTS.map((one) => new Plot(one, redis))];
    document.addEventListener("visibilitychange", () => this.#schedule());
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.#plots.forEach((plot) => plot.redraw()));
    new ResizeObserver(() => this.#schedule()).observe(container); // also when the plots are shown again
    this.#container = container;
  }

  add(stats) {
    const at = stats.time / 1_000;
    const last = this.#stats.at(-1)?.at ?? -Infinity;
    if (at <= last && last - at < 60) return; // after a gap, the server sends again what the page has
    if (at <= last) this.#stats = []; // the clock of the server was set back
    else if (at - last > MAX_STEP && last > 0) this.#stats.push({ at: last + 1, isBreak: true });
    this.#stats.push({ ...stats, at });
    while (this.#stats[0].at < at - WINDOW) this.#stats.shift();
    this.#plots.forEach((plot) => plot.discover(stats));
    this.#schedule();
  }

  /** Draws once for each frame, and only what is visible. */
  #schedule() {
    if (this.#isScheduled || document.hidden) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      if (this.#stats.length > 0 && this.#container.clientWidth > 0) this.#plots.forEach((plot) => plot.draw(this.#stats));
    });
  }
}

class Plot {
  #figure;
  #values = element("p", { className: "values" });
  #range = element("p", { className: "unseen" });
  #canvas = element("div", { className: "canvas", ariaHidden: "true" }); // its values are in the text
  #definition;
  #series;
  #texts = new Map();
  #time = element("time");
  #chart;
  #stats = [];

  constructor(definition, container) {
    this.#definition = definition;
    this.#series = { ...definition.series };
    this.#figure = element("figure", { hidden: true });
    this.#figure.append(element("h3", { textContent: definition.title }), this.#values, this.#range, this.#canvas);
    container.append(this.#figure);
    this.#createTexts();
  }

  /** Adds the series of reasons that have not occurred before. */
  discover(stats) {
    const found = Object.entries(this.#definition.more?.(stats) ?? {}).filter(([label]) => !(label in this.#series));
    if (found.length === 0) return;
    Object.assign(this.#series, Object.fromEntries(found));
    this.#createTexts();
    this.#chart?.destroy();
    this.#chart = undefined;
  }

  #createTexts() {
    this.#texts.clear();
    this.#values.replaceChildren(
      ...Object.keys(this.#series).map((label, i) => {
        const value = element("b");
        this.#texts.set(label, value);
        const key = element("span", { className: "key" });
        key.dataset.color = i % COLORS;
        return element("span", { className: "value" }, key, `${label} `, value);
      }),
      this.#time,
    );
  }

  draw(stats) {
    const columns = Object.values(this.#series).map((get) => stats.map((s) => (s.isBreak ? null : get(s))));
    const isMeasured = columns.some((column) => column.some((value) => value != null));
    this.#figure.hidden = !isMeasured;
    if (!isMeasured) return;
    this.#stats = stats;
    this.#chart ??= this.#create();
    const width = this.#canvas.clientWidth;
    if (width !== this.#chart.width) this.#chart.setSize({ width, height: HEIGHT });
    this.#chart.setData([stats.map(({ at }) => at), ...columns], false);
    const newest = stats.at(-1).at;
    this.#chart.setScale("x", { min: newest - WINDOW, max: newest });
    this.#show(this.#chart.cursor.idx ?? stats.length - 1);
    this.#showRange(columns);
  }

  redraw() {
    this.#chart?.redraw(false);
  }

  /** Shows the values of one second: of the newest, or of that under the pointer. */
  #show(index) {
    const stats = this.#stats[index];
    if (!stats || stats.isBreak) return;
    const { format, of } = this.#definition;
    setText(this.#time, index < this.#stats.length - 1 ? `at ${time(stats.at * 1_000)}` : "");
    for (const [label, get] of Object.entries(this.#series)) {
      const value = get(stats);
      const limit = of?.[label]?.(stats);
      const text = value == null ? "–" : format(value);
      setText(this.#texts.get(label), limit ? `${text} of ${format(limit)}` : text);
      this.#texts.get(label).parentElement.hidden = value == null && this.#stats.every((s) => get(s) == null);
    }
  }

  #showRange(columns) {
    const parts = Object.keys(this.#series).flatMap((label, i) => {
      const values = columns[i].filter((value) => value != null);
      if (values.length === 0) return [];
      const [min, max] = [Math.min(...values), Math.max(...values)].map(this.#definition.format);
      return `${label} from ${min} to ${max}`;
    });
    setText(this.#range, `Since ${time(this.#stats[0].at * 1_000)}: ${parts.join(", ")}.`);
  }

  #create() {
    const { format } = this.#definition;
    const axis = { stroke: () => color("--quiet"), grid: { stroke: () => color("--line"), width: 1 }, ticks: { show: false } };
    const font = "11px system-ui, sans-serif";
    const labels = Object.keys(this.#series);
    return new uPlot(
      {
        width: this.#canvas.clientWidth,
        height: HEIGHT,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, sync: { key: "console" }, points: { size: 6 } },
        scales: { x: { time: true }, y: { range: (plot, min, max) => [0, max > 0 ? max * 1.1 : 1] } },
        axes: [
          { ...axis, font, size: 24, values: "{HH}:{mm}", space: 60 },
          { ...axis, font, size: 64, space: 30, incrs: STEPS.get(format), values: (plot, ticks) => ticks.map(format) },
        ],
        series: [
          {},
          ...labels.map((label, i) => ({
            label,
            stroke: () => color(`--color-${i % COLORS}`),
            width: 1.25,
            points: { show: false },
          })),
        ],
        hooks: { setCursor: [({ cursor }) => this.#show(cursor.idx ?? this.#stats.length - 1)] },
      },
      [[], ...labels.map(() => [])],
      this.#canvas,
    );
  }
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}
