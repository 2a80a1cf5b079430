package dev.crier.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Stands in for Wikimedia's stream of recent changes: the same form, with numbers for changes. As there, a client that comes
 * back with an id may get events again that it has received. This server sends the last one again.
 */
final class StandIn implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** The ids with which clients have come; empty for those without one. */
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

    private int published;
    private int breaks;

    StandIn() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.setExecutor(threads);
        server.start();
    }

    String url() {
        return "http://localhost:" + server.getAddress().getPort() + "/v2/stream/recentchange";
    }

    /** Waits for the next connection of the relay and returns its {@code Last-Event-ID}, or an empty text. */
    String awaitRequest(Command relay) throws Exception {
        String id = requests.poll(60, TimeUnit.SECONDS);
        if (id == null) {
            throw new AssertionError("no request: " + relay.output());
        }
        return id;
    }

    static String id(int change) {
        return "[{\"topic\":\"eqiad.mediawiki.recentchange\",\"partition\":0,\"offset\":-1},"
                + "{\"topic\":\"codfw.mediawiki.recentchange\",\"partition\":0,\"offset\":" + change + "}]";
    }

    static String data(int change) {
        return "{\"$schema\":\"/mediawiki/recentchange/1.0.0\",\"id\":" + change + "}";
    }

    synchronized void publish(int changes) {
        published += changes;
        notifyAll();
    }

    /** Breaks all connections, after what they have sent. */
    synchronized void breakConnections() {
        breaks++;
        notifyAll();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String id = exchange.getRequestHeaders().getFirst("Last-Event-ID");
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            int breaksBefore;
            int next;
            synchronized (this) {
                breaksBefore = breaks;
                next = id == null ? published : Integer.parseInt(id.replaceAll(".*:(\\d+)}]", "$1"));
            }
            out.write(":ok\n\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            requests.add(id == null ? "" : id);
            for (; await(next, breaksBefore); next++) {
                String event = "event: message\nid: " + id(next) + "\ndata: " + data(next) + "\n\n";
                out.write(event.getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the change is published. Returns false if the connection breaks instead. */
    private synchronized boolean await(int change, int breaksBefore) throws InterruptedException {
        while (published <= change && breaks == breaksBefore) {
            wait();
        }
        return breaks == breaksBefore;
    }

    @Override
    public void close() {
        breakConnections();
        server.stop(0);
        threads.shutdownNow();
    }
}
