// npm's "eventsource": node eventsource.mjs URL [COUNT [TYPE...]]. Prints a JSON object for each event without a type, of
// the type "crier.gap" and of these types. In the URL, CLIENT stands for the number of each client.
import { EventSource } from "eventsource";

const [url, count = "1", ...types] = process.argv.slice(2);

for (let client = 0; client < Number(count); client++) {
  const source = new EventSource(url.replace("CLIENT", client));
  for (const type of ["message", "crier.gap", ...types]) {
    source.addEventListener(type, ({ data, lastEventId }) =>
      process.stdout.write(JSON.stringify({ client, type, data, id: lastEventId }) + "\n"),
    );
  }
  source.addEventListener("error", ({ code, message }) => {
    if (source.readyState === EventSource.CLOSED) {
      process.stdout.write(JSON.stringify({ client, type: "closed", data: `${code}: ${message}` }) + "\n");
    }
  });
}
