package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.RetryDelayStrategy;
import dev.crier.testing.Browser;
import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.NumberPublisher;
import dev.crier.testing.RawClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Crier is killed during publishing, again and again, and no acknowledged event is lost. */
class CrashIT {

    private static final int CRASHES = 10;
    private static final String TOKEN = "a-token-of-the-tests";

    @TempDir
    private Path folder;

    private CrierProcess crier(int port) throws IOException {
        return CrierProcess.start(folder, "-conf", """
                {
                  "port": %d,
                  "retry": "PT0.1S",
                  "log": {"store": "sqlite"},
                  "publish": {"tokens": ["%s"]},
                  "channels": {"/news": {"keep": {"events": 1000000}, "publish": true}}
                }""".formatted(port, TOKEN));
    }

    private static void receive(EventSource source, List<String> received) {
        for (MessageEvent event : source.messages()) {
            if (event.getEventName().equals("message")) {
                received.add(event.getData());
            }
        }
    }

    @Test
    void overCrashesEveryAcknowledgedEventIsKeptAndReceivedOnceAndInOrder() throws Exception {
        var random = new Random(7);
        List<String> received = Collections.synchronizedList(new ArrayList<>());
        CrierProcess crier = crier(0);
        int port = crier.port();
        try (var publisher = new NumberPublisher(port, "/news", TOKEN, Duration.ZERO);
                var browser = Browser.open();
                var source = new EventSource.Builder(ConnectStrategy.http(
                                URI.create("http://127.0.0.1:" + port + "/news?lastEventId=earliest")))
                        .errorStrategy(ErrorStrategy.alwaysContinue())
                        .retryDelay(100, TimeUnit.MILLISECONDS)
                        .retryDelayStrategy(RetryDelayStrategy.defaultStrategy().maxDelay(200, TimeUnit.MILLISECONDS))
                        .build()) {
            browser.driver().get("http://127.0.0.1:" + port + "/news.html");
            var subscriber = new Thread(() -> receive(source, received), "subscriber");
            subscriber.setDaemon(true);
            subscriber.start();
            publisher.start();
            for (int crash = 0; crash < CRASHES; crash++) {
                int until = publisher.acknowledged() + 1 + random.nextInt(100);
                Eventually.until("published up to " + until, () -> publisher.acknowledged() >= until);
                crier.close();
                crier = crier(port);
                crier.port();
            }
            int last = publisher.finish();
            List<String> all =
                    IntStream.rangeClosed(1, last).mapToObj(String::valueOf).toList();
            assertEquals(all, stored(port, last));
            Eventually.until(() -> "the client has received " + last, () -> received.contains(String.valueOf(last)));
            assertEquals(all, List.copyOf(received));
            Eventually.until(
                    () -> "the browser has received " + last,
                    () -> inBrowser(browser).contains(String.valueOf(last)));
            assertEquals(all, inBrowser(browser));
        } finally {
            crier.close();
        }
    }

    private static List<String> stored(int port, int last) throws IOException {
        var stored = new ArrayList<String>();
        try (var client = RawClient.request(port, "GET /news?lastEventId=earliest")) {
            client.head();
            while (!stored.contains(String.valueOf(last))) {
                for (String line : client.chunk().split("\n")) {
                    if (line.startsWith("data: ") && !line.equals("data: {}")) {
                        stored.add(line.substring("data: ".length()));
                    }
                }
            }
        }
        return stored;
    }

    /** Returns the events that the page shows, the oldest first. A gap would be among them. */
    @SuppressWarnings("unchecked")
    private static List<String> inBrowser(Browser browser) {
        var shown = (List<String>)
                browser.run("return [...document.querySelectorAll('#events li')].map(li => li.textContent).reverse()");
        assertTrue(shown != null);
        return shown;
    }
}
