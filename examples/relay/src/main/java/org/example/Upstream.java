package org.example;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.parsetools.RecordParser;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The event stream of another server, which it follows over any number of connections, one after another. */
final class Upstream {

    /** A connection on which nothing arrives for so long is dead. */
    private static final int IDLE_SECONDS = 60;

    private static final int MAX_LINE_BYTES = 1 << 20;

    private final Vertx vertx;
    private final HttpClient client;
    private final String url;
    private final Function<Event, Future<?>> consumer;
    private String lastId;
    private long retryMillis = 1000;

    /** An event as it arrives, with the id of its server. */
    record Event(String id, String type, String data) {}

    /** @param consumer takes an event. The next one comes when it has succeeded; if it fails, the event comes again */
    Upstream(Vertx vertx, String url, Function<Event, Future<?>> consumer) {
        this.vertx = vertx;
        this.url = url;
        this.consumer = consumer;
        client = vertx.createHttpClient(new HttpClientOptions().setReadIdleTimeout(IDLE_SECONDS));
    }

    /** Follows the stream after the event with this id; from now on, if it is empty. */
    void follow(String id) {
        lastId = id;
        connect();
    }

    private void connect() {
        var options = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setAbsoluteURI(url)
                .setFollowRedirects(true)
                .putHeader("Accept", "text/event-stream")
                .putHeader("User-Agent", "crier-relay-example");
        if (!lastId.isEmpty()) {
            options.putHeader("Last-Event-ID", lastId);
        }
        client.request(options)
                .compose(request ->
                        request.send().compose(response -> read(response).onFailure(failure -> request.reset())))
                .onComplete(ended -> {
                    System.out.println("upstream: "
                            + (ended.succeeded() ? "ended" : ended.cause().getMessage()) + "; connecting again in "
                            + retryMillis + " ms");
                    vertx.setTimer(retryMillis, timer -> connect());
                });
    }

    /** Completes when the stream ends. Fails if the connection breaks, or if an event is not taken. */
    private Future<Void> read(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            return Future.failedFuture("status " + response.statusCode());
        }
        Promise<Void> ended = Promise.promise();
        var block = new Block();
        RecordParser lines = RecordParser.newDelimited("\n", response).maxRecordSize(MAX_LINE_BYTES);
        lines.exceptionHandler(ended::tryFail);
        lines.endHandler(end -> ended.tryComplete());
        lines.handler(bytes -> {
            String line = bytes.toString();
            if (block.add(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line)) {
                lines.pause();
                consumer.apply(block.take())
                        .onSuccess(taken -> {
                            lastId = block.id;
                            lines.resume();
                        })
                        .onFailure(ended::tryFail);
            }
        });
        return ended.future();
    }

    /** The lines of an event, as the HTML standard interprets them. */
    private final class Block {

        private final List<String> data = new ArrayList<>();
        private String type = "";
        private String id = lastId;

        /** Returns whether the line ends an event. */
        boolean add(String line) {
            if (line.isEmpty()) {
                return !data.isEmpty();
            }
            int colon = line.indexOf(':');
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1).replaceFirst("^ ", "");
            switch (field) {
                case "data" -> data.add(value);
                case "event" -> type = value;
                case "id" -> id = value;
                case "retry" -> retryMillis = value.matches("\\d{1,5}") ? Long.parseLong(value) : retryMillis;
                default -> {
                    // a comment, or a field that the standard ignores
                }
            }
            return false;
        }

        Event take() {
            var event = new Event(id, type, String.join("\n", data));
            data.clear();
            type = "";
            return event;
        }
    }
}
