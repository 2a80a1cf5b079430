"use strict";

// A typical broadcast with Express: a set of open responses, and a write to each of them.
const express = require("express");

const subscribers = new Set();
const app = express();
let id = 0;

app.get("/read", (request, response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  response.flushHeaders();
  subscribers.add(response);
  request.on("close", () => subscribers.delete(response));
});

app.post("/publish", express.text({ type: "*/*" }), (request, response) => {
  const event = `id: ${++id}\ndata: ${request.body}\n\n`;
  for (const subscriber of subscribers) {
    subscriber.write(event);
  }
  response.sendStatus(204);
});

app.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
