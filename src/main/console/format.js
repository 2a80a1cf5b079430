/** Values as text, and elements. */

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const THREE_DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];
const STEPS = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000], ["ms", 1]];

/** A whole number in full up to 99,999, and then to three digits, such as 1.2M. */
export function count(value) {
  return (value < 100_000 ? NUMBER : COMPACT).format(value);
}

export function bytes(value) {
  let unit = 0;
  for (; value >= 1_024 && unit < BYTES.length - 1; unit++) value /= 1_024;
  return `${THREE_DIGITS.format(value)} ${BYTES[unit]}`;
}

/** Milliseconds, in the largest unit of which there is one. */
export function duration(value) {
  const [unit, size] = STEPS.find(([, step]) => value >= step) ?? STEPS.at(-1);
  return `${THREE_DIGITS.format(value / size)} ${unit}`;
}

/** Milliseconds since 1970, as a time of day. Another day is named. */
export function time(value) {
  const date = new Date(value);
  const text = date.toLocaleTimeString("en", { hourCycle: "h23" });
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? text : `${date.toLocaleDateString("en", { dateStyle: "medium" })}, ${text}`;
}

/** Creates an element. Text is never HTML. */
export function element(name, properties = {}, ...children) {
  const created = Object.assign(document.createElement(name), properties);
  created.append(...children);
  return created;
}

/** Sets the text only if it changes, because each change costs a layout and may be read aloud. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Quotes a word for a POSIX shell. */
export function quote(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Copies the text of an element, or selects it where the browser does not permit copying. */
export async function copy(source, output) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    output.textContent = "copied";
  } catch {
    getSelection().selectAllChildren(source);
    output.textContent = "selected: press Ctrl-C";
  }
}
