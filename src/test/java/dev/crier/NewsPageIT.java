package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.BadGateway;
import dev.crier.testing.Eventually;
import dev.crier.testing.Ports;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.ExpectedConditions;

/** The page {@code news.html} in a browser: it publishes, and it shows every event once. */
class NewsPageIT extends PageFixture {

    private static final By OUTPUT = By.id("answer");
    private static final By MISSING_LINE = By.cssSelector("#undeclared pre");
    private static final String TOKEN = "a-token-of-the-tests";

    /**
     * Starts Crier with a log on the disk that outlives a restart.
     *
     * @param read who may read the channel
     */
    private RunningCrier crier(int port, String read) throws Exception {
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

    private static void publish(String token, String data) {
        for (String field : List.of("data", "token")) {
            input(field).clear();
        }
        input("token").sendKeys(token);
        input("data").sendKeys(data, Keys.ENTER);
    }

    private static WebElement input(String name) {
        return page.browser().driver().findElement(By.name(name));
    }

    /** Waits until the page shows exactly these events, the newest first. */
    private static void awaitEvents(String... data) {
        page.await()
                .until(driver -> driver.findElements(By.cssSelector("#events li")).stream()
                        .map(WebElement::getText)
                        .toList()
                        .equals(List.of(data)));
    }

    @Test
    void thePagePublishesAndMissesNothingOverARestart() throws Exception {
        int port;
        try (var stopping = crier(Ports.free(), "anyone")) {
            port = stopping.port();
            page.load(port, "/news.html");
            page.awaitState("live");
            publish(TOKEN, "first <b>news</b>");
            awaitEvents("first <b>news</b>");
            assertTrue(page.text(OUTPUT).startsWith("published as "), page.text(OUTPUT));
            assertEquals(List.of(), page.browser().warningsAbout(":" + port + "/"));
        }
        page.awaitState("lost");
        try (var successor = crier(port, "anyone")) {
            assertEquals(port, successor.port());
            page.awaitState("live");
            publish(TOKEN, "second");
            awaitEvents("second", "first <b>news</b>");
            publish("a-token-that-is-wrong", "third");
            page.await().until(ExpectedConditions.textToBe(OUTPUT, "Crier does not know this token."));
        }
    }

    @Test
    void thePageShowsTheCommandsThatSubscribeAndPublish() throws Exception {
        try (var crier = crier(0, "anyone")) {
            page.load(crier.port(), "/news.html");
            page.awaitState("live");
            assertEquals("""
                    curl -N 'http://localhost:%1$d/news?lastEventId=earliest'
                    curl -H "Authorization: Bearer $TOKEN" -d 'Hello' http://localhost:%1$d/news""".formatted(crier.port()), page.text(By.cssSelector("main > pre")));
        }
    }

    /** A proxy with default settings sends such a response while Crier restarts. */
    @Test
    void afterA502ThePageReconnectsAndShowsEveryEventOnce() throws Exception {
        int port;
        try (var stopping = crier(Ports.free(), "anyone")) {
            port = stopping.port();
            page.load(port, "/news.html");
            page.awaitState("live");
            publish(TOKEN, "first");
            awaitEvents("first");
        }
        BadGateway.respond(port, 2); // the stream and the HEAD request
        assertEquals("connection lost, reconnecting", page.state());
        try (var successor = crier(port, "anyone")) {
            assertEquals(port, successor.port());
            page.awaitState("live");
            publish(TOKEN, "second");
            awaitEvents("second", "first");
        }
    }

    @Test
    void thePageDistinguishesAMissingChannelFromOneThatNeedsAToken() throws Exception {
        String line;
        try (var crier = RunningCrier.withChannel("/other")) {
            page.load(crier.port(), "/news.html");
            page.awaitState("closed");
            assertTrue(page.state().startsWith("no such channel here"), page.state());
            line = page.text(MISSING_LINE);
        }
        try (var crier = new RunningCrier(new JsonObject("{\"channels\": {" + line + "}}"))) {
            page.load(crier.port(), "/news.html");
            page.awaitState("live");
            assertEquals("", page.text(MISSING_LINE));
        }
        try (var crier = crier(0, "token")) {
            page.load(crier.port(), "/news.html");
            page.awaitState("closed");
            assertTrue(page.state().startsWith("reading needs a token"), page.state());
            assertEquals("", page.text(MISSING_LINE), "declaring the channel does not help");
        }
    }

    /** A browser has six connections for a site, and a page in the back-forward cache keeps its connection. */
    @ParameterizedTest
    @ValueSource(strings = {"/index.html", "/news.html"})
    void pagesInTheBackForwardCacheUseNoConnectionAndReconnectWhenShown(String path) throws Exception {
        try (var crier = crier(0, "anyone")) {
            for (int visit = 1; visit <= 7; visit++) {
                page.load(crier.port(), path + "?" + visit);
                page.awaitState("live");
                page.browser().run("window.visit = " + visit);
            }
            Eventually.until("only the visible page has a stream", () -> crier.subscribers() == 1);
            page.browser().run("document.getElementById('state').dataset.state = 'none'");
            page.browser().driver().navigate().back();
            page.awaitState("live");
            assertEquals(6L, page.browser().run("return window.visit"), "the page comes from the cache");
        }
    }
}
