// npm's "eventsource": node eventsource.mjs URL [COUNT]. Prints a JSON object for each event. In the URL, CLIENT
// stands for the number of each client.
import { EventSource } from "eventsource";

const [url, count = "1"] = process.argv.slice(2);

for (let client = 0; client < Number(count); client++) {
  const source = new EventSource(url.replace("CLIENT", client));
  for (const type of ["message", "crier.gap"]) {
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
