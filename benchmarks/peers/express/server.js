"use strict";

// A broadcast of events as one writes it with Express: a set of open responses, and a write to each of them.
const express = require("express");

const readers = new Set();
const app = express();
let id = 0;

app.get("/read", (request, response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  response.flushHeaders();
  readers.add(response);
  request.on("close", () => readers.delete(response));
});

app.post("/publish", express.text({ type: "*/*" }), (request, response) => {
  const event = `id: ${++id}\ndata: ${request.body}\n\n`;
  for (const reader of readers) {
    reader.write(event);
  }
  response.sendStatus(204);
});

app.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
