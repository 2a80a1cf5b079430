package dev.crier.examples;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** A client that keeps its cookies, as a browser does. */
final class Reader {

    private final HttpClient client =
            HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

    /** An event of a stream. */
    record Event(String id, String data) {}

    /** Subscribes and returns the first events, without those of Crier's own types. */
    List<Event> events(URI url, int count) throws Exception {
        return events(HttpRequest.newBuilder(url).build(), count);
    }

    /** Subscribes after the event with this id. */
    List<Event> eventsAfter(String id, URI url, int count) throws Exception {
        return events(HttpRequest.newBuilder(url).header("Last-Event-ID", id).build(), count);
    }

    private List<Event> events(HttpRequest request, int count) throws Exception {
        HttpResponse<Stream<String>> response = client.send(request, HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException(request.uri() + ": " + response.statusCode());
            }
            var events = new ArrayList<Event>();
            for (Iterator<String> line = lines.iterator(); events.size() < count; ) {
                addNext(line, events);
            }
            return events;
        }
    }

    /** Reads a block and adds it, if it is an event of the publisher's. */
    private static void addNext(Iterator<String> lines, List<Event> events) {
        var fields = new HashMap<String, String>();
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            int colon = line.indexOf(": ");
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 2));
            }
        }
        if (fields.containsKey("data") && !fields.getOrDefault("event", "").startsWith("crier.")) {
            events.add(new Event(fields.getOrDefault("id", ""), fields.get("data")));
        }
    }

    int status(URI url) throws Exception {
        return status(HttpRequest.newBuilder(url).build());
    }

    int post(URI url, String body) throws Exception {
        return status(HttpRequest.newBuilder(url)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    /** Returns the status without the body, which may be an event stream that does not end. */
    private int status(HttpRequest request) throws Exception {
        HttpResponse<Stream<String>> response = client.send(request, HttpResponse.BodyHandlers.ofLines());
        response.body().close();
        return response.statusCode();
    }
}
