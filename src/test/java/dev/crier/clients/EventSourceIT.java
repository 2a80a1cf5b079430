package dev.crier.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.NumberPublisher;
import dev.crier.testing.Proxy;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** npm's {@code eventsource}, in Node. */
class EventSourceIT extends ClientContract {

    private static final int CLIENTS = 40;

    private static final Pattern CLIENT = Pattern.compile("client=(\\d+)");

    @TempDir
    private Path proxyFolder;

    @Override
    Closeable connect(URI stream, Consumer<Received> events) throws Exception {
        return connect(stream, 1, events);
    }

    private static ClientProcess connect(URI stream, int count, Consumer<Received> events) throws Exception {
        String driver = Packages.npm().resolve("eventsource.mjs").toString();
        return new ClientProcess(List.of("node", driver, stream.toString(), String.valueOf(count)), events);
    }

    @Override
    boolean showsEveryType() {
        return false;
    }

    /** This client never reconnects after a status other than 200, so {@code deploy/nginx.conf} sends it no other. */
    @Test
    void fortyClientsSurviveARestartBehindNginx() throws Exception {
        List<Inbox> inboxes = Stream.generate(Inbox::new).limit(CLIENTS).toList();
        int server = Proxy.freePort();
        try (var proxy = nginx(server);
                var publisher = new NumberPublisher(proxy.port(), "/events", TOKEN, Duration.ofMillis(20));
                var first = crier(server)) {
            first.port();
            publisher.start();
            var stream = URI.create("http://127.0.0.1:" + proxy.port() + "/events?lastEventId=earliest&client=CLIENT");
            try (var clients = connect(
                    stream, CLIENTS, event -> inboxes.get(event.client()).accept(event))) {
                Eventually.until(
                        "all have events",
                        () -> inboxes.stream()
                                .allMatch(inbox -> inbox.messages().size() >= 10));
                first.terminate();
                assertEquals(0, first.exitStatus());
                Eventually.until("all were told to come back", () -> awaited() == CLIENTS);
                try (var successor = crier(server)) {
                    successor.port();
                    int then = publisher.acknowledged() + 10;
                    Eventually.until("events are published again", () -> publisher.acknowledged() >= then);
                    List<String> all = numbers(1, publisher.finish());
                    for (Inbox inbox : inboxes) {
                        inbox.assertMessages(all);
                        assertNothingThatWasNotAskedFor(inbox);
                    }
                    assertTrue(clients.isAlive());
                }
            }
        }
    }

    /** The file in {@code deploy/}, on free ports, with a shorter wait, and with a line for each client that has to wait. */
    private Proxy nginx(int server) throws Exception {
        int port = Proxy.freePort();
        String conf = Files.readString(Path.of("deploy/nginx.conf"))
                .replace("listen 80;", "listen 127.0.0.1:" + port + ";")
                .replace("http://127.0.0.1:3000", "http://127.0.0.1:" + server)
                .replace("retry: 2000", "retry: 200")
                .replace("return 200", "access_log away.log; return 200");
        return Proxy.nginx(proxyFolder, port, conf);
    }

    /** Returns how many clients got the retry stream from nginx. */
    private long awaited() throws IOException {
        Path log = proxyFolder.resolve("away.log");
        return Files.exists(log)
                ? CLIENT.matcher(Files.readString(log))
                        .results()
                        .map(found -> found.group(1))
                        .distinct()
                        .count()
                : 0;
    }
}
