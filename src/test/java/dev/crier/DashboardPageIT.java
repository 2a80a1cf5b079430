package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.Ports;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/** The page {@code dashboard.html} in a browser: the newest values of a family, and a feed. */
class DashboardPageIT extends PageFixture {

    private static final String VALUES = "#values li";
    private static final String FEED = "#feed li span";
    private static final By WATCHING = By.id("watching");
    private static final By MISSING_LINES = By.cssSelector("#undeclared pre");
    private static final String FAMILY_LINE = "\"/dashboard/:name\": {\"keep\": \"latest\", \"publish\": true}";
    private static final String FEED_LINE = "\"/news\": {\"keep\": {\"events\": 1000}, \"publish\": true}";
    private static final String COUNT_LINE =
            "\"/watching\": {\"source\": {\"verticle\": \"dev.crier.source.SubscriberCountVerticle\"}}";
    private static final int NUMBERS = 10;

    /** Starts Crier with a log on the disk that outlives a restart, and with the lines that the page recommends. */
    private RunningCrier crier(int port, String... lines) throws TimeoutException {
        return new RunningCrier(
                new JsonObject("""
                {
                  "port": %d,
                  "retry": "PT0.1S",
                  "log": {"store": "sqlite", "file": "%s"},
                  "publish": {"tokens": ["a-token-of-the-tests"]},
                  "channels": {%s}
                }""".formatted(port, folder.resolve("crier.db"), String.join(",", lines))));
    }

    private static List<String> texts(String selector) {
        return page.browser().driver().findElements(By.cssSelector(selector)).stream()
                .map(WebElement::getText)
                .toList();
    }

    /** Waits until the page shows exactly these events in the feed, the newest first. */
    private static void awaitFeed(String... data) {
        page.await().until(driver -> texts(FEED).equals(List.of(data)));
    }

    /** Waits until the place of this channel shows its name, this value and this change. */
    private static void awaitValue(String name, String value, String change) {
        String expected = name + "\n" + value + "\n" + (change.isEmpty() ? "" : change + "\n");
        page.await().until(driver -> texts(VALUES).stream().anyMatch(text -> text.startsWith(expected)));
    }

    @ParameterizedTest
    @CsvSource({"1280, 800", "390, 844"})
    void valuesAndNewsAppearAndChangeOnScreensOfAllSizes(int width, int height) throws Exception {
        page.browser().emulatePhone(width, height);
        try (var crier = crier(0, FAMILY_LINE, FEED_LINE, COUNT_LINE)) {
            for (int i = 0; i < NUMBERS; i++) {
                crier.publish("/dashboard/number-" + i, "1234." + i);
            }
            page.load(crier.port(), "/dashboard.html");
            page.awaitState("open");
            assertEquals("live", page.state());
            awaitValue("number-3", "1,234.3", "");
            crier.publish("/dashboard/state", "all <b>systems</b> go");
            crier.publish("/dashboard/a-word", "word".repeat(60));
            crier.publish("/dashboard/number-3", "1235.5");
            crier.publish("/dashboard/number-4", "-7");
            awaitValue("state", "all <b>systems</b> go", "");
            awaitValue("number-3", "1,235.5", "▲ up by 1.2");
            awaitValue("number-4", "-7", "▼ down by 1,241.4");
            assertEquals(NUMBERS + 2, texts(VALUES).size());
            assertTrue(texts(VALUES).get(0).startsWith("a-word\n"), "the places are in the order of the names");
            crier.publish("/news", "first <i>news</i>");
            crier.publish("/news", "second " + "news".repeat(60));
            awaitFeed("second " + "news".repeat(60), "first <i>news</i>");
            assertEquals(1, crier.subscribers(), "all channels come over one connection");
            assertEquals(
                    (long) width,
                    page.browser().run("return document.documentElement.scrollWidth"),
                    "the page does not scroll sideways");
            assertEquals(List.of(), page.browser().warningsAbout(":" + crier.port() + "/"));
        }
    }

    @Test
    void thePageTellsOfAStopAndGoesOnAfterTheRestart() throws Exception {
        int port = Ports.free();
        try (var stopping = crier(port, FAMILY_LINE, FEED_LINE)) {
            page.load(port, "/dashboard.html");
            page.awaitState("open");
            stopping.publish("/dashboard/load", "1");
            stopping.publish("/news", "before");
            awaitValue("load", "1", "");
            awaitFeed("before");
        }
        page.awaitState("waiting");
        assertTrue(page.state().endsWith("; trying again"), page.state());
        try (var successor = crier(port, FAMILY_LINE, FEED_LINE)) {
            successor.publish("/news", "after");
            page.awaitState("open");
            assertEquals("live", page.state());
            successor.publish("/dashboard/load", "3");
            awaitValue("load", "3", "▲ up by 2");
            awaitFeed("after", "before");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {FAMILY_LINE, FEED_LINE})
    void thePageNamesTheLinesThatTheConfigurationLacks(String declared) throws Exception {
        try (var crier = crier(0, declared)) {
            page.load(crier.port(), "/dashboard.html");
            page.awaitState("closed");
            String missing = declared.equals(FEED_LINE) ? FAMILY_LINE : FEED_LINE;
            page.await().until(driver -> page.text(MISSING_LINES).equals(missing));
            assertEquals("", page.text(By.cssSelector("#values ~ pre")), "publishing does not help yet");
        }
    }

    @Test
    void thePageShowsHowManyAreWatchingOrHowToDeclareThat() throws Exception {
        try (var crier = crier(0, FAMILY_LINE, FEED_LINE)) {
            page.load(crier.port(), "/dashboard.html");
            page.awaitState("open");
            assertEquals(COUNT_LINE, page.text(By.cssSelector("#uncounted pre")));
            assertEquals("", page.text(WATCHING));
        }
        try (var crier = crier(0, FAMILY_LINE, FEED_LINE, COUNT_LINE)) {
            page.load(crier.port(), "/dashboard.html");
            page.await().until(driver -> page.text(WATCHING).equals("1 watching"));
            assertEquals("", page.text(By.cssSelector("#uncounted pre")));
            try (var other = RawClient.request(crier.port(), "GET /news")) {
                other.head();
                page.await().until(driver -> page.text(WATCHING).equals("2 watching"));
            }
            page.await().until(driver -> page.text(WATCHING).equals("1 watching"));
            assertEquals(1, crier.subscribers(), "the number comes over the same connection");
        }
    }

    @Test
    void thePageTellsThatThereIsNoPathForManyChannels() throws Exception {
        var configuration = new JsonObject("{\"subscribe\": {\"path\": null}}");
        try (var crier = new RunningCrier(configuration)) {
            page.load(crier.port(), "/dashboard.html");
            page.awaitState("closed");
            page.await().until(driver -> page.state().startsWith("nothing is at /events"));
            assertEquals("", page.text(MISSING_LINES));
        }
    }

    @Test
    void thePageTellsThatReadingNeedsAToken() throws Exception {
        String needsToken = FEED_LINE.replace("}, ", "}, \"read\": \"token\", ");
        var configuration = new JsonObject("{\"publish\": {\"tokens\": [\"a-token-of-the-tests\"]},"
                + "\"read\": {\"tokens\": [\"a-token-of-subscribers\"]},"
                + "\"channels\": {" + FAMILY_LINE + "," + needsToken + "}}");
        try (var crier = new RunningCrier(configuration)) {
            page.load(crier.port(), "/dashboard.html");
            page.awaitState("closed");
            assertTrue(page.state().contains("token"), page.state());
            assertEquals("", page.text(By.cssSelector("#feed ~ pre")), "publishing does not help");
            assertEquals("", page.text(MISSING_LINES));
        }
    }

    /** A browser has six connections for a site, and a page in the back-forward cache keeps its connection. */
    @Test
    void dashboardsInTheBackForwardCacheUseNoConnectionAndReconnectWhenShown() throws Exception {
        try (var crier = crier(0, FAMILY_LINE, FEED_LINE)) {
            for (int visit = 1; visit <= 7; visit++) {
                page.load(crier.port(), "/dashboard.html?" + visit);
                page.awaitState("open");
                page.browser().run("window.visit = " + visit);
            }
            Eventually.until("only the visible page has a stream", () -> crier.subscribers() == 1);
            page.browser().driver().navigate().back();
            crier.publish("/dashboard/load", "1");
            awaitValue("load", "1", "");
            assertEquals(6L, page.browser().run("return window.visit"), "the page comes from the cache");
        }
    }

    @Test
    void anEmptyDashboardShowsHowToPublish() throws Exception {
        try (var crier = crier(0, FAMILY_LINE, FEED_LINE)) {
            page.load(crier.port(), "/dashboard.html");
            page.awaitState("open");
            String address = " http://localhost:" + crier.port();
            assertTrue(page.text(By.cssSelector("#values ~ pre")).endsWith(address + "/dashboard/temperature"));
            assertTrue(page.text(By.cssSelector("#feed ~ pre")).endsWith(address + "/news"));
            assertEquals(
                    "curl -N -g '%s/events?channel=/dashboard/:name&channel=/news'".formatted(address.strip()),
                    page.text(By.cssSelector("main > pre")));
            crier.publish("/dashboard/temperature", "21.5");
            awaitValue("temperature", "21.5", "");
            assertEquals("", page.text(By.cssSelector("#values ~ pre")));
        }
    }

    @Test
    void aLongValueKeepsItsPlaceSmallAndAHugeFamilyIsCutWithANote() throws Exception {
        try (var crier = crier(0, FAMILY_LINE, FEED_LINE)) {
            for (int i = 0; i < 201; i++) {
                crier.publish("/dashboard/%03d".formatted(i), "word".repeat(500));
            }
            page.load(crier.port(), "/dashboard.html");
            page.await()
                    .until(driver -> page.text(By.id("more")).equals("The family has more channels; 200 are shown."));
            assertEquals(200L, page.browser().run("return document.querySelectorAll('#values li').length"));
            assertEquals(
                    true,
                    page.browser().run("return document.querySelector('#values li').offsetHeight < 250"),
                    "four lines");
        }
    }

    @Test
    void thePageFollowsTheColorSchemeAndNamesItsParts() throws Exception {
        try (var crier = crier(0, FAMILY_LINE, FEED_LINE)) {
            page.load(crier.port(), "/dashboard.html");
            page.awaitState("open");
            page.browser().preferColorScheme("light");
            assertEquals("rgb(255, 255, 255)", background());
            page.browser().preferColorScheme("dark");
            assertEquals("rgb(0, 0, 0)", background());
            assertEquals("Values", nameOf("#values"));
            assertEquals("News, newest first", nameOf("#feed"));
            assertEquals("status", element("#state").getAriaRole());
        }
    }

    private static Object background() {
        return page.browser().run("return getComputedStyle(document.body).backgroundColor");
    }

    private static String nameOf(String selector) {
        return element(selector).getAccessibleName();
    }

    private static WebElement element(String selector) {
        return page.browser().driver().findElement(By.cssSelector(selector));
    }
}
