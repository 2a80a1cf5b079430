// Speaks the event stream of a language model's server. Answers each question word by word.
// node model-server.mjs [port] [milliseconds a word] [cut]: with "cut", an answer breaks off after ten words.
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";

const [port = "8000", pause = "200", cut] = process.argv.slice(2);

const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const question = JSON.parse(body).messages.at(-1).content;
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.on("close", () => console.log(response.writableFinished ? "answered" : "interrupted"));
  const send = (delta, finish_reason = null) =>
    response.write(`data: ${JSON.stringify({ object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
  response.write(": a comment\n\n");
  send({ role: "assistant", content: "" });
  const words = `You ask: ${question}\n\nI am only a stand-in ☃, and write <b>some</b> words,\n  one at a time.`.split(/(?<=\s)/);
  for (const word of cut ? words.slice(0, 10) : words) {
    if (response.destroyed) return;
    send({ content: word });
    await setTimeout(Number(pause));
  }
  if (!cut) {
    send({}, "stop");
    response.write('data: {"choices":[],"usage":{"total_tokens":42}}\n\n');
    response.write("data: [DONE]\n\n");
  }
  response.end();
}).listen(Number(port), "127.0.0.1", () => console.log(`http://localhost:${server.address().port}/v1/chat/completions`));
