package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.Browser;
import dev.crier.testing.Eventually;
import dev.crier.testing.Ports;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WindowType;

/** Over HTTP/1.1, a browser has six connections for all its tabs: enough for six tabs with fifty channels each. */
class SixTabsIT {

    private static final int TABS = 6;

    /** Each tab follows the rooms from ten times its number on, so neighbours have some in common. */
    private static final int ROOMS_OF_A_TAB = 46;

    private static final int ROOMS = 10 * (TABS - 1) + ROOMS_OF_A_TAB;

    /** Collects everything that the stream brings, with its id. */
    private static final String SUBSCRIBE = """
            window.received = [];
            const collect = (event) => window.received.push(event.lastEventId + " " + event.data);
            window.stream = new EventSource("/events?%s");
            window.stream.onmessage = collect;
            window.stream.addEventListener("crier.gap", collect);
            """;

    @TempDir
    private Path folder;

    private final List<String> tabs = new ArrayList<>();
    private final List<Event> published = new ArrayList<>();

    private Browser browser;
    private WebDriver driver;

    /** An event as a page sees it. */
    private record Event(String id, String channel, String data) {

        boolean isFor(int tab) {
            return !channel.startsWith("/rooms/") || channels(tab).contains(channel);
        }

        @Override
        public String toString() {
            return id + " " + channel + " " + data;
        }
    }

    @BeforeEach
    void openTheFirstTab() {
        browser = Browser.open();
        driver = browser.driver();
        tabs.add(driver.getWindowHandle());
    }

    @AfterEach
    void closeTheOtherTabs() {
        if (browser == null) {
            return;
        }
        for (String tab : tabs.subList(1, tabs.size())) {
            driver.switchTo().window(tab).close();
        }
        driver.switchTo().window(tabs.get(0));
        browser.close();
    }

    /** Starts Crier with a log on the disk that outlives a restart. */
    private RunningCrier crier(int port) throws TimeoutException {
        return new RunningCrier(new JsonObject("""
                {
                  "port": %d,
                  "retry": "PT0.1S",
                  "log": {"store": "sqlite", "file": "%s"},
                  "channels": {
                    "/rooms/:id": {"keep": {"events": 1000}},
                    "/orders/:id": {"keep": {"events": 1000}},
                    "/a": {"keep": {"events": 1000}},
                    "/b": {"keep": {"events": 1000}},
                    "/c": {"keep": {"events": 1000}}
                  }
                }""".formatted(port, folder.resolve("crier.db"))));
    }

    /** Returns the fifty names in the subscription of a tab. */
    private static List<String> channels(int tab) {
        Stream<String> rooms =
                IntStream.range(10 * tab, 10 * tab + ROOMS_OF_A_TAB).mapToObj("/rooms/%d"::formatted);
        return Stream.concat(rooms, Stream.of("/a", "/b", "/c", "/orders/:id")).toList();
    }

    /** Publishes one event to each channel, two of them in the family that the tabs follow whole. */
    private void publishRound(RunningCrier crier, String data) throws TimeoutException {
        Stream<String> rooms = IntStream.range(0, ROOMS).mapToObj("/rooms/%d"::formatted);
        Stream<String> others = Stream.of("/a", "/orders/1", "/b", "/orders/" + data, "/c");
        for (String channel : Stream.concat(rooms, others).toList()) {
            published.add(new Event(crier.publish(channel, data), channel, data));
        }
    }

    /** Waits until each tab has an event of its last channel with this data. */
    private void awaitEverywhere(String data) throws Exception {
        for (int tab = 0; tab < TABS; tab++) {
            driver.switchTo().window(tabs.get(tab));
            int number = tab;
            Eventually.until(
                    () -> "tab " + number + " has received \"" + data + "\"; its last: "
                            + received().stream().reduce((first, second) -> second),
                    () -> received().stream().anyMatch(event -> event.endsWith(" /c " + data)));
        }
    }

    private List<String> received() {
        return ((List<?>) browser.run("return window.received"))
                .stream().map(String::valueOf).toList();
    }

    @Test
    void sixTabsWithFiftyChannelsEachResumeThroughARestart() throws Exception {
        int port = Ports.free();
        try (var crier = crier(port)) {
            for (int tab = 0; tab < TABS; tab++) {
                if (tab > 0) {
                    tabs.add(driver.switchTo().newWindow(WindowType.TAB).getWindowHandle());
                }
                driver.get("http://localhost:" + port + "/page.css?" + tab);
                assertEquals(50, channels(tab).size());
                browser.run(SUBSCRIBE.formatted("channel=" + String.join("&channel=", channels(tab))));
                Eventually.until(
                        "the stream is open",
                        () -> browser.run("return window.stream.readyState").equals(1L));
            }
            assertEquals(TABS, crier.subscribers(), "each tab has one connection");
            assertEquals(
                    "http/1.1", browser.run("return performance.getEntriesByType('navigation')[0].nextHopProtocol"));
            publishRound(crier, "live");
            awaitEverywhere("live");
            publishRound(crier, "before-the-stop");
        }
        try (var crier = crier(port)) {
            publishRound(crier, "after-the-start");
            Eventually.until("all tabs have reconnected", () -> crier.subscribers() == TABS);
            publishRound(crier, "live-again");
            awaitEverywhere("live-again");
            assertEquals(TABS, crier.subscribers());
        }
        for (int tab = 0; tab < TABS; tab++) {
            driver.switchTo().window(tabs.get(tab));
            int number = tab;
            assertEquals(
                    published.stream()
                            .filter(event -> event.isFor(number))
                            .map(Event::toString)
                            .toList(),
                    received());
        }
    }
}
