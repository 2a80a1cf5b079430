package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.BadGateway;
import dev.crier.testing.Page;
import dev.crier.testing.Ports;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.support.ui.ExpectedConditions;

/** The page {@code index.html} in a browser. {@link MainIT} shows that the jar contains it. */
class PageIT {

    private static final By TIME = By.id("time");
    private static final Pattern A_TIME = Pattern.compile("\\d{1,2}:\\d\\d:\\d\\d [AP]M");

    private static Page page;

    /** Crier with the default channels, for the tests that do not restart it. */
    private static RunningCrier crier;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() throws Exception {
        page = new Page();
        crier = crier(0);
    }

    @AfterAll
    static void close() throws Exception {
        if (crier != null) {
            crier.close();
        }
        if (page != null) {
            page.close();
        }
    }

    private static RunningCrier crier(int port) throws Exception {
        return new RunningCrier(new JsonObject("""
                {
                  "port": %d,
                  "retry": "PT0.1S"
                }""".formatted(port)));
    }

    private static void awaitTick() {
        page.await().until(ExpectedConditions.textMatches(TIME, A_TIME));
        String shown = page.text(TIME);
        page.await().until(driver -> !page.text(TIME).equals(shown));
    }

    @Test
    void thePageShowsTheTimeAndItsState() throws Exception {
        page.load(crier.port(), "/");
        page.awaitState("live");
        awaitTick();
        assertEquals("live", page.state());
        assertEquals(
                "status", page.browser().driver().findElement(By.id("state")).getAriaRole());
        assertEquals(List.of(), page.browser().warningsAbout(":" + crier.port() + "/"));
    }

    @Test
    void underTheTimeAreItsStateAndThreeLinksAndNothingElse() throws Exception {
        page.load(crier.port(), "/");
        page.awaitState("live");
        awaitTick();
        String time = page.text(TIME);
        assertEquals(
                time + "\nlive\nnews dashboard run",
                page.text(By.tagName("body")).replaceFirst("^.*", time));
        assertEquals(
                List.of("news.html", "dashboard.html", "run.html"),
                page.browser().run("return [...document.links].map((link) => link.getAttribute('href'))"));
    }

    @Test
    void thePageFitsAPhone() throws Exception {
        page.load(crier.port(), "/");
        page.awaitState("live");
        page.browser().emulatePhone(320, 640);
        try {
            assertEquals(320L, page.browser().run("return document.documentElement.clientWidth"));
            assertEquals(
                    320L,
                    page.browser()
                            .run("document.getElementById('time').textContent = '12:59:59 PM';"
                                    + " return document.documentElement.scrollWidth"),
                    "the page does not scroll sideways");
        } finally {
            page.browser().stopEmulation();
        }
    }

    @Test
    void thePageHasNoAnimationForUsersWhoPreferReducedMotion() throws Exception {
        page.load(crier.port(), "/");
        page.awaitState("live");
        page.browser().reduceMotion(true);
        page.browser().run("document.getElementById('state').dataset.state = 'lost'");
        assertEquals("none", animationOfTheState());
        page.browser().reduceMotion(false);
        assertEquals("breathe", animationOfTheState());
    }

    private static Object animationOfTheState() {
        return page.browser()
                .run("return getComputedStyle(document.getElementById('state'), '::before').animationName");
    }

    @Test
    void overARestartThePageShowsThatItReconnectsAndThenTheTime() throws Exception {
        int port = loseCrier();
        assertEquals("connection lost, reconnecting", page.state());
        String last = page.text(TIME);
        try (var successor = crier(port)) {
            assertEquals(port, successor.port());
            page.awaitState("live");
            awaitTick();
            assertNotEquals(last, page.text(TIME));
        }
    }

    /** A proxy sends such a response while Crier restarts, and an EventSource gives up at it. */
    @Test
    void afterA502ThePageReconnects() throws Exception {
        int port = loseCrier();
        BadGateway.respond(port, 1);
        try (var successor = crier(port)) {
            assertEquals(port, successor.port());
            page.awaitState("live");
        }
    }

    /** Shows the page of a Crier that then stops, and returns its port. */
    private static int loseCrier() throws Exception {
        int port;
        try (var stopping = crier(Ports.free())) {
            port = stopping.port();
            page.load(port, "/");
            page.awaitState("live");
        }
        page.awaitState("lost");
        return port;
    }

    @Test
    void aPageOfAnotherOriginShowsTheTimeOfCrier() throws Exception {
        for (String file : List.of("index.html", "index.js", "index.css", "favicon.svg")) {
            Files.copy(Path.of("webroot", file), folder.resolve(file));
        }
        Path index = folder.resolve("index.html");
        String channel = "data-channel=\"currentTime\"";
        String html = Files.readString(index);
        assertTrue(html.contains(channel));
        String absolute = "data-channel=\"http://localhost:" + crier.port() + "/currentTime\"";
        Files.writeString(index, html.replace(channel, absolute));
        try (var other = new RunningCrier(new JsonObject("""
                {
                  "webroot": "%s",
                  "channels": {}
                }""".formatted(folder)))) {
            page.load(other.port(), "/");
            page.awaitState("live");
            awaitTick();
            assertEquals(List.of(), page.browser().warningsAbout(":" + other.port() + "/"));
        }
    }
}
