package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Browser;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * The pages {@code index.html} and {@code news.html} in a browser. {@link MainIT} shows that the jar contains them.
 */
class PageIT {

    private static final By TIME = By.id("time");
    private static final By STATE = By.id("state");
    private static final Pattern A_TIME = Pattern.compile("\\d{1,2}:\\d\\d:\\d\\d [AP]M");

    private static final String TOKEN = "a-token-of-the-tests";

    private static Browser browser;

    /** Crier with the default configuration, for the tests that neither restart nor configure it. */
    private static RunningCrier crier;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() throws Exception {
        browser = Browser.open();
        crier = crier(0);
    }

    @AfterAll
    static void close() throws Exception {
        if (crier != null) {
            crier.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    private static RunningCrier crier(int port) throws Exception {
        return new RunningCrier(new JsonObject("""
                {
                  "port": %d,
                  "retry": "PT0.1S"
                }""".formatted(port)));
    }

    private static void visit(int port) {
        browser.driver().get("http://localhost:" + port + "/");
    }

    private static WebDriverWait patiently() {
        var wait = new WebDriverWait(browser.driver(), Duration.ofSeconds(60));
        wait.pollingEvery(Duration.ofMillis(50));
        return wait;
    }

    private static String text(By element) {
        return browser.driver().findElement(element).getText();
    }

    private static void awaitState(String state) {
        patiently().until(ExpectedConditions.attributeToBe(STATE, "data-state", state));
    }

    private static void awaitTick() {
        patiently().until(ExpectedConditions.textMatches(TIME, A_TIME));
        String shown = text(TIME);
        patiently().until(driver -> !text(TIME).equals(shown));
    }

    @Test
    void thePageShowsTheTimeAndItsState() throws Exception {
        visit(crier.port());
        awaitState("live");
        awaitTick();
        assertEquals("live", text(STATE));
        assertEquals("status", browser.driver().findElement(STATE).getAriaRole());
        assertEquals(List.of(), browser.warningsAbout(":" + crier.port() + "/"));
    }

    @Test
    void thePageFitsAPhone() throws Exception {
        visit(crier.port());
        awaitState("live");
        browser.emulatePhone(320, 640);
        try {
            assertEquals(320L, browser.run("return document.documentElement.clientWidth"));
            assertEquals(
                    320L,
                    browser.run("document.getElementById('time').textContent = '12:59:59 PM';"
                            + " return document.documentElement.scrollWidth"),
                    "the page does not scroll sideways");
        } finally {
            browser.stopEmulation();
        }
    }

    @Test
    void thePageHasNoAnimationForUsersWhoPreferReducedMotion() throws Exception {
        visit(crier.port());
        awaitState("live");
        browser.reduceMotion(true);
        browser.run("document.getElementById('state').dataset.state = 'lost'");
        assertEquals("none", animationOfTheState());
        browser.reduceMotion(false);
        assertEquals("breathe", animationOfTheState());
    }

    private static Object animationOfTheState() {
        return browser.run("return getComputedStyle(document.getElementById('state'), '::before').animationName");
    }

    /** Shows the page of a Crier that then stops, and returns its port. */
    private static int loseCrier() throws Exception {
        int port;
        try (var stopping = crier(0)) {
            port = stopping.port();
            visit(port);
            awaitState("live");
        }
        awaitState("lost");
        return port;
    }

    @Test
    void overARestartThePageShowsThatItReconnectsAndThenTheTime() throws Exception {
        int port = loseCrier();
        assertEquals("connection lost, reconnecting", text(STATE));
        String last = text(TIME);
        try (var successor = crier(port)) {
            assertEquals(port, successor.port());
            awaitState("live");
            awaitTick();
            assertNotEquals(last, text(TIME));
        }
    }

    /** A proxy sends such a response while Crier restarts, and an EventSource gives up at it. */
    @Test
    void afterA502ThePageReconnects() throws Exception {
        int port = loseCrier();
        answerWith502(port, 1);
        try (var successor = crier(port)) {
            assertEquals(port, successor.port());
            awaitState("live");
        }
    }

    @Test
    void aPageOfAnotherOriginShowsTheTimeOfCrier() throws Exception {
        for (String file : List.of("index.html", "index.js", "index.css", "favicon.svg")) {
            Files.copy(Path.of("webroot", file), folder.resolve(file));
        }
        Path page = folder.resolve("index.html");
        String stream = "data-stream=\"currentTime\"";
        String html = Files.readString(page);
        assertTrue(html.contains(stream));
        String absolute = "data-stream=\"http://localhost:" + crier.port() + "/currentTime\"";
        Files.writeString(page, html.replace(stream, absolute));
        try (var other = new RunningCrier(new JsonObject("""
                {
                  "webroot": "%s",
                  "channels": {}
                }""".formatted(folder)))) {
            visit(other.port());
            awaitState("live");
            awaitTick();
            assertEquals(List.of(), browser.warningsAbout(":" + other.port() + "/"));
        }
    }

    /** Starts Crier with a log on the disk that outlives a restart. */
    private RunningCrier news(int port, String read) throws Exception {
        return new RunningCrier(new JsonObject("""
                {
                  "port": %d,
                  "retry": "PT0.1S",
                  "log": {"store": "sqlite", "file": "%s"},
                  "publish": {"tokens": ["%s"]},
                  "read": {"tokens": ["a-token-of-subscribers"]},
                  "channels": {
                    "/news": {"keep": {"events": 100}, "publish": true, "read": "%s"},
                    "/currentTime": {"keep": "latest", "source": {"verticle": "dev.crier.source.ClockVerticle"}}
                  }
                }""".formatted(port, folder.resolve("crier.db"), TOKEN, read)));
    }

    private static void visitNews(int port) {
        browser.driver().get("http://localhost:" + port + "/news.html");
    }

    private static void publish(String token, String data) {
        for (String field : List.of("data", "token")) {
            browser.driver().findElement(By.name(field)).clear();
        }
        browser.driver().findElement(By.name("token")).sendKeys(token);
        browser.driver().findElement(By.name("data")).sendKeys(data, Keys.ENTER);
    }

    /** Waits until the page shows exactly these events, the newest first. */
    private static void awaitEvents(String... data) {
        patiently().until(driver -> events().equals(List.of(data)));
    }

    private static List<String> events() {
        return browser.driver().findElements(By.cssSelector("#events li")).stream()
                .map(WebElement::getText)
                .toList();
    }

    @Test
    void theNewsPagePublishesAndMissesNothingOverARestart() throws Exception {
        int port;
        try (var stopping = news(0, "anyone")) {
            port = stopping.port();
            visitNews(port);
            awaitState("live");
            publish(TOKEN, "first <b>news</b>");
            awaitEvents("first <b>news</b>");
            assertTrue(text(By.id("answer")).startsWith("published as "), text(By.id("answer")));
            assertEquals(List.of(), browser.warningsAbout(":" + port + "/"));
        }
        awaitState("lost");
        try (var successor = news(port, "anyone")) {
            awaitState("live");
            publish(TOKEN, "second");
            awaitEvents("second", "first <b>news</b>");
            publish("a-token-that-is-wrong", "third");
            patiently().until(ExpectedConditions.textToBe(By.id("answer"), "Crier does not know this token."));
            assertEquals(port, successor.port());
        }
    }

    /** A proxy with default settings sends such a response while Crier restarts. */
    @Test
    void afterA502TheNewsPageReconnectsAndGetsEveryEventOnce() throws Exception {
        int port;
        try (var stopping = news(0, "anyone")) {
            port = stopping.port();
            visitNews(port);
            awaitState("live");
            publish(TOKEN, "first");
            awaitEvents("first");
        }
        answerWith502(port, 2); // the stream and the HEAD request
        assertEquals("connection lost, reconnecting", text(STATE));
        try (var successor = news(port, "anyone")) {
            awaitState("live");
            publish(TOKEN, "second");
            awaitEvents("second", "first");
            assertEquals(port, successor.port());
        }
    }

    private static void answerWith502(int port, int times) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            var answered = new CountDownLatch(times);
            RunningCrier.await(vertx.createHttpServer()
                    .requestHandler(request -> {
                        request.response().setStatusCode(502).end();
                        answered.countDown();
                    })
                    .listen(port));
            assertTrue(answered.await(60, TimeUnit.SECONDS), "the page sends a request");
        } finally {
            RunningCrier.await(vertx.close());
        }
    }

    @Test
    void theNewsPageDistinguishesAMissingChannelFromOneThatNeedsAToken() throws Exception {
        visitNews(crier.port());
        awaitState("closed");
        assertTrue(text(STATE).startsWith("no such channel here"), text(STATE));
        try (var news = news(0, "token")) {
            visitNews(news.port());
            awaitState("closed");
            assertTrue(text(STATE).startsWith("reading needs a token"), text(STATE));
        }
    }

    /** A browser has six connections for a site, and a page in the back-forward cache keeps its connection. */
    @ParameterizedTest
    @ValueSource(strings = {"index.html", "news.html"})
    void pagesInTheBackForwardCacheUseNoConnectionAndReconnectWhenShown(String page) throws Exception {
        try (var news = news(0, "anyone")) {
            for (int visit = 1; visit <= 7; visit++) {
                browser.driver().get("http://localhost:" + news.port() + "/" + page + "?" + visit);
                awaitState("live");
                browser.run("window.visit = " + visit);
            }
            Eventually.until("only the visible page has a stream", () -> news.subscribers() == 1);
            browser.run("document.getElementById('state').dataset.state = 'none'");
            browser.driver().navigate().back();
            awaitState("live");
            assertEquals(6L, browser.run("return window.visit"), "the page comes from the cache");
        }
    }
}
