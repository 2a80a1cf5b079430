package dev.crier.clients;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.crier.testing.Browser;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Clients in pages of a browser, on an origin that is not Crier's. Each page reads the URL of the stream from its fragment and
 * appends the events that it receives to {@code window.received}.
 */
final class PageClients implements Closeable {

    private static final long POLL_MILLIS = 50;

    private final Path folder = Packages.npm();
    private final HttpServer pages = HttpServer.create(new InetSocketAddress(InetAddress.getByName("localhost"), 0), 0);
    private final Browser browser = Browser.open();

    PageClients() throws Exception {
        pages.createContext("/", this::serve);
        pages.start();
    }

    String origin() {
        return "http://localhost:" + pages.getAddress().getPort();
    }

    Browser browser() {
        return browser;
    }

    Closeable open(String page, URI stream, Consumer<Received> events) {
        browser.driver().get(origin() + "/" + page + "#" + stream);
        return new Poller(events);
    }

    /** Serves a file. Modules may import each other without {@code .js}, as with bundlers. */
    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath().substring(1);
            Path file = folder.resolve(path);
            if (!Files.isRegularFile(file)) {
                file = folder.resolve(path + ".js");
            }
            if (!Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            String type = file.toString().endsWith(".js") ? "text/javascript" : "text/html";
            byte[] content = Files.readAllBytes(file);
            exchange.getResponseHeaders().set("Content-Type", type + ";charset=utf-8");
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
        }
    }

    /** Moves the received events from the page to the test. */
    private final class Poller implements Closeable {

        private final CountDownLatch closed = new CountDownLatch(1);
        private final Thread thread;

        Poller(Consumer<Received> events) {
            thread = new Thread(() -> poll(events), "page");
            thread.setDaemon(true);
            thread.start();
        }

        private void poll(Consumer<Received> events) {
            try {
                while (!closed.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    var received = (String) browser.run("return JSON.stringify((window.received || []).splice(0))");
                    for (Object event : new JsonArray(received)) {
                        events.accept(Received.of((JsonObject) event));
                    }
                }
            } catch (InterruptedException e) {
                // closed
            }
        }

        @Override
        public void close() throws IOException {
            closed.countDown();
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            browser.driver().get("about:blank");
        }
    }

    @Override
    public void close() {
        pages.stop(0);
        browser.close();
    }
}
