package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.BadGateway;
import dev.crier.testing.Eventually;
import dev.crier.testing.Ports;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/** The page {@code run.html} in a browser: it shows the text of a stream while it grows, stops it, and says how it ended. */
class RunPageIT extends PageFixture {

    private static final String TOKEN = "a-token-of-the-tests";
    private static final By TOKEN_FIELD = By.name("token");
    private static final By STOP = By.cssSelector("#stop button");
    private static final By OUTPUT = By.id("answer");
    private static final By MISSING_LINE = By.cssSelector("#undeclared pre");
    private static final By COMMAND = By.cssSelector("#empty pre");

    /** Starts Crier with a log on the disk that outlives a restart. */
    private RunningCrier crier(int port, String channels) throws Exception {
        return new RunningCrier(new JsonObject("""
                {
                  "port": %d,
                  "retry": "PT0.1S",
                  "log": {"store": "sqlite", "file": "%s"},
                  "publish": {"tokens": ["%s"]},
                  "read": {"tokens": ["a-token-of-subscribers"]},
                  "channels": {%s}
                }""".formatted(port, folder.resolve("crier.db"), TOKEN, channels)));
    }

    private RunningCrier crier(int port) throws Exception {
        return crier(port, """
                "/runs/:id": {"keep": {"events": 10000}, "ends": true, "onProducerGone": "end", "publish": true},
                "/short/:id": {"keep": {"events": 5}, "ends": true, "publish": true},
                "/secret/:id": {"keep": {"events": 5}, "ends": true, "read": "token", "publish": true}""");
    }

    /** Publishes the body, and fails unless all of it is stored. */
    private static void publish(int port, String target, String mediaType, String body) throws IOException {
        try (var client = RawClient.publish(port, target, TOKEN, body, "Content-Type: " + mediaType)) {
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
        }
    }

    /** Begins a request whose body is an event stream. */
    private static RawClient produce(int port, String target) throws IOException {
        return RawClient.request(
                port,
                "POST " + target,
                "Authorization: Bearer " + TOKEN,
                "Content-Type: text/event-stream",
                "Transfer-Encoding: chunked");
    }

    private static void send(RawClient producer, String data) throws IOException {
        String block = "data: " + data.replace("\n", "\ndata: ") + "\n\n";
        int bytes = block.getBytes(StandardCharsets.UTF_8).length;
        producer.send(Integer.toHexString(bytes) + "\r\n" + block + "\r\n");
    }

    private static void finish(RawClient producer) throws IOException {
        producer.send("0\r\n\r\n");
        assertEquals("HTTP/1.1 201 Created", producer.head().get(0));
    }

    private static void awaitText(String text) {
        page.await().withMessage(() -> "text: " + text()).until(driver -> text().equals(text));
    }

    /** Returns the text without regard to line breaks between events. */
    private static String text() {
        return page.browser()
                .run("return document.getElementById('text').textContent")
                .toString();
    }

    /** Returns the text as it is shown. */
    private static String shownText() {
        return page.browser()
                .run("return document.getElementById('text').innerText")
                .toString();
    }

    private static WebElement element(By by) {
        return page.browser().driver().findElement(by);
    }

    private static void awaitOutput(String text) {
        page.await()
                .withMessage(() -> page.text(OUTPUT))
                .until(driver -> page.text(OUTPUT).contains(text));
    }

    private static double scroll(String property) {
        Number pixels = (Number) page.browser().run("return " + property);
        return pixels.doubleValue();
    }

    @ParameterizedTest
    @CsvSource({"1280, 800", "390, 844"})
    void theTextGrowsAndIsTheSameAfterAReloadOnScreensOfAllSizes(int width, int height) throws Exception {
        page.browser().emulatePhone(width, height);
        try (var crier = crier(0);
                var producer = produce(crier.port(), "/runs/42?end")) {
            page.load(crier.port(), "/run.html?run=/runs/42");
            page.awaitState("live");
            send(producer, "Once <b>upon</b>");
            awaitText("Once <b>upon</b>");
            send(producer, " a time,\n\n  there was a ");
            send(producer, "word".repeat(100));
            String begin = "Once <b>upon</b> a time,\n\n  there was a " + "word".repeat(100);
            awaitText(begin);
            page.browser().driver().navigate().refresh();
            awaitText(begin);
            assertEquals("live", page.state());
            send(producer, " end ☃");
            finish(producer);
            page.awaitState("ended");
            assertTrue(page.state().startsWith("ended ("), page.state());
            awaitText(begin + " end ☃");
            page.browser().driver().navigate().refresh();
            page.awaitState("ended");
            awaitText(begin + " end ☃");
            assertEquals(begin + " end ☃", shownText(), "text is not HTML, and keeps its line breaks");
            assertFalse(element(STOP).isDisplayed(), "nothing is left to stop");
            assertEquals("", page.text(COMMAND));
            Eventually.until("the stream is closed", () -> crier.subscribers() == 0);
            assertEquals(
                    (long) width,
                    page.browser().run("return document.documentElement.scrollWidth"),
                    "the page does not scroll sideways");
            assertEquals(List.of(), page.browser().warningsAbout(":" + crier.port() + "/"));
        }
    }

    @Test
    void theButtonStopsTheProducerAndKeepsTheTokenOutOfTheUrl() throws Exception {
        try (var crier = crier(0);
                var producer = produce(crier.port(), "/runs/42?end")) {
            page.load(crier.port(), "/run.html?run=/runs/42");
            send(producer, "It was");
            awaitText("It was");
            assertFalse(element(TOKEN_FIELD).isDisplayed(), "the page asks for a token only if one is needed");
            element(STOP).click();
            awaitOutput("token");
            page.await().until(driver -> element(TOKEN_FIELD).isDisplayed());
            element(TOKEN_FIELD).sendKeys("a-token-that-is-wrong");
            element(STOP).click();
            awaitOutput("Crier does not know this token.");
            assertEquals("live", page.state());
            element(TOKEN_FIELD).clear();
            element(TOKEN_FIELD).sendKeys(TOKEN);
            element(STOP).click();
            page.awaitState("stopped");
            assertTrue(page.state().startsWith("stopped ("), page.state());
            assertTrue(producer.head().get(0).startsWith("HTTP/1.1 409 "), "the producer learns it");
            assertFalse(element(STOP).isDisplayed());
            assertFalse(page.browser().driver().getCurrentUrl().contains(TOKEN));
            page.browser().driver().navigate().refresh();
            page.awaitState("stopped");
            awaitText("It was");
        }
    }

    @Test
    void thePageTellsThatTheProducerIsGone() throws Exception {
        try (var crier = crier(0)) {
            page.load(crier.port(), "/run.html?run=/runs/42");
            try (var producer = produce(crier.port(), "/runs/42?end")) {
                send(producer, "It was");
                awaitText("It was");
            }
            page.awaitState("producerGone");
            assertTrue(page.state().startsWith("ended early, because its producer is gone ("), page.state());
            awaitText("It was");
        }
    }

    @Test
    void overARestartAndA502TheTextIsShownOnce() throws Exception {
        int port;
        try (var stopping = crier(Ports.free())) {
            port = stopping.port();
            publish(port, "/runs/42", "text/plain", "before ");
            page.load(port, "/run.html?run=/runs/42");
            awaitText("before ");
            page.awaitState("live");
        }
        page.awaitState("lost");
        assertEquals("connection lost, reconnecting", page.state());
        BadGateway.respond(port, 2); // the stream and the HEAD request
        try (var successor = crier(port)) {
            page.awaitState("live");
            publish(port, "/runs/42?end", "text/plain", "after");
            page.awaitState("ended");
            awaitText("before after");
            assertEquals(port, successor.port());
        }
    }

    @Test
    void thePageMarksTextThatIsNoLongerKept() throws Exception {
        try (var crier = crier(0)) {
            page.load(crier.port(), "/run.html?run=/short/1&lines");
            page.awaitState("live");
            publish(crier.port(), "/short/1?lines", "text/plain", "1\n");
            awaitText("1");
            page.load(crier.port(), "/run.html?run=/short/2"); // the browser keeps the first page
            page.awaitState("live");
            publish(crier.port(), "/short/1?lines&end", "text/plain", "2\n3\n4\n5\n6\n7\n8\n");
            page.browser().driver().navigate().back();
            page.awaitState("ended");
            page.await().until(driver -> text().endsWith("8"));
            assertEquals(
                    "1\n\n[Some text is missing here, because it is no longer kept.]\n5\n6\n7\n8",
                    shownText().stripTrailing());
        }
    }

    @Test
    void eachEventCanBeShownAsALineAndTheUrlKeepsThat() throws Exception {
        try (var crier = crier(0)) {
            publish(crier.port(), "/runs/42?lines&end", "text/plain", "one\n\n  two\n");
            page.load(crier.port(), "/run.html?run=/runs/42");
            page.awaitState("ended");
            awaitText("one  two");
            assertEquals("one  two", shownText());
            element(By.id("lines")).click();
            assertEquals("one\n\n  two", shownText().stripTrailing());
            page.browser().driver().navigate().refresh();
            page.awaitState("ended");
            awaitText("one  two");
            assertEquals("one\n\n  two", shownText().stripTrailing());
            assertTrue(page.browser().driver().getCurrentUrl().contains("?run=/runs/42&lines"));
            element(By.id("lines")).click();
            assertEquals("one  two", shownText());
        }
    }

    @Test
    void thePageShowsHowToDeclareAMissingChannelAndHowToPublish() throws Exception {
        String line;
        try (var crier = RunningCrier.withChannel("/other")) {
            page.load(crier.port(), "/run.html?run=/runs/42");
            page.awaitState("closed");
            assertEquals("no such channel here", page.state());
            line = page.text(MISSING_LINE);
            assertTrue(line.startsWith("\"/runs/:id\": "), line);
        }
        try (var crier = crier(0, line)) {
            page.load(crier.port(), "/run.html?run=/runs/42");
            page.awaitState("live");
            assertEquals("", page.text(MISSING_LINE));
            String command = page.text(COMMAND);
            String url = "'http://localhost:" + crier.port() + "/runs/42?lines&end'";
            assertTrue(command.startsWith("make 2>&1 | curl ") && command.endsWith(url), command);
            assertEquals("curl -N " + url.replace("?lines&end", ""), page.text(By.id("subscribe")));
            publish(crier.port(), "/runs/42", "text/plain", "text");
            awaitText("text");
            assertEquals("", page.text(COMMAND));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /secret/1   | reading needs a token
            /runs//42   | this is not the path of a channel
            /index.html | this is a page and not a channel""")
    void thePageTellsWhyItCannotRead(String run, String state) throws Exception {
        try (var crier = crier(0)) {
            page.load(crier.port(), "/run.html?run=" + run);
            page.awaitState("closed");
            assertTrue(page.state().startsWith(state), page.state());
            assertEquals("", page.text(COMMAND), "publishing does not help");
            assertFalse(element(STOP).isDisplayed());
        }
    }

    @Test
    void withoutAChannelThePageAsksForOne() throws Exception {
        try (var crier = crier(0)) {
            publish(crier.port(), "/runs/42?end", "text/plain", "text");
            page.load(crier.port(), "/run.html");
            element(By.name("run")).sendKeys("/runs/42\n");
            page.awaitState("ended");
            awaitText("text");
            assertTrue(page.browser().driver().getCurrentUrl().endsWith("/run.html?run=/runs/42"));
        }
    }

    @Test
    void theNameOfTheChannelMayHaveAnyCharacters() throws Exception {
        try (var crier = crier(0)) {
            publish(crier.port(), "/runs/caf%C3%A9%20%3F%23%25?end", "text/plain", "text");
            page.load(crier.port(), "/run.html?run=/runs/caf%C3%A9%20%3F%23%25");
            page.awaitState("ended");
            awaitText("text");
            assertEquals("/runs/café ?#%", page.text(By.cssSelector("h1")));
        }
    }

    /** A link to this page could otherwise send the token of the user to another server. */
    @ParameterizedTest
    @ValueSource(strings = {"//localhost:%d/runs/42", "http://localhost:%d/runs/42", "/\\localhost:%d/runs/42"})
    void aLinkCannotMakeThePageReadFromAnotherServer(String run) throws Exception {
        try (var crier = crier(0);
                var other = RunningCrier.withChannel("/runs/42")) {
            page.load(crier.port(), "/run.html?run=" + run.formatted(other.port()));
            page.awaitState("closed");
            Object requests = page.browser()
                    .run("return performance.getEntriesByType('resource').map(({ name }) => name).join(' ')");
            assertFalse(requests.toString().contains("localhost:" + other.port() + "/"), requests.toString());
        }
    }

    /** Behind a proxy, the path of another application may begin above the page's folder. */
    @Test
    void aLinkCannotLeadOutOfTheFolderOfThePage() throws Exception {
        Path app = Files.createDirectories(folder.resolve("webroot/app"));
        for (String file : List.of("run.html", "page.css", "run.js")) {
            Files.copy(Path.of("webroot", file), app.resolve(file));
        }
        var conf = new JsonObject()
                .put("webroot", folder.resolve("webroot").toString())
                .put("channels", new JsonObject("{\"/runs/:id\": {\"keep\": {\"events\": 5}, \"ends\": true}}"));
        try (var crier = new RunningCrier(conf)) {
            page.load(crier.port(), "/app/run.html?run=/../runs/42");
            page.awaitState("none");
            assertFalse(element(By.id("stop")).isDisplayed());
        }
    }

    /** The user pastes the command into a shell. */
    @Test
    void aLinkCannotAddACommandToTheOneThatThePageShows() throws Exception {
        try (var crier = crier(0)) {
            page.load(crier.port(), "/run.html?run=/runs/';reboot;'$(reboot)`reboot`");
            page.awaitState("live");
            assertTrue(
                    page.text(COMMAND).endsWith("/runs/%27%3Breboot%3B%27%24(reboot)%60reboot%60?lines&end'"),
                    page.text(COMMAND));
        }
    }

    @Test
    void thePageFollowsTheTextOnlyIfTheReaderIsAtTheEnd() throws Exception {
        try (var crier = crier(0)) {
            page.load(crier.port(), "/run.html?run=/runs/42&lines");
            page.awaitState("live");
            publish(crier.port(), "/runs/42?lines", "text/plain", "line\n".repeat(200));
            awaitText("line".repeat(200));
            String below = "document.documentElement.scrollHeight - innerHeight - scrollY";
            assertTrue(scroll(below) < 2, "the page is at the end");
            page.browser().run("scrollTo(0, 100)");
            publish(crier.port(), "/runs/42?lines", "text/plain", "line\n".repeat(10));
            awaitText("line".repeat(210));
            assertEquals(100, scroll("scrollY"), 1, "the reader is left alone");
            page.browser().run("scrollTo(0, document.documentElement.scrollHeight)");
            publish(crier.port(), "/runs/42?lines&end", "text/plain", "line\n".repeat(10));
            awaitText("line".repeat(220));
            assertTrue(scroll(below) < 2, "the page follows again");
        }
    }

    /** A browser has six connections for a site, and a page in the back-forward cache keeps its connection. */
    @Test
    void pagesInTheBackForwardCacheUseNoConnectionAndContinueWhenShown() throws Exception {
        try (var crier = crier(0)) {
            for (int visit = 1; visit <= 7; visit++) {
                page.load(crier.port(), "/run.html?run=/runs/" + visit);
                page.awaitState("live");
                publish(crier.port(), "/runs/" + visit, "text/plain", "text of " + visit);
                awaitText("text of " + visit);
                page.browser().run("window.visit = " + visit);
            }
            Eventually.until("only the visible page has a stream", () -> crier.subscribers() == 1);
            publish(crier.port(), "/runs/6?end", "text/plain", ", and more");
            page.browser().driver().navigate().back();
            page.awaitState("ended");
            awaitText("text of 6, and more");
            assertEquals(6L, page.browser().run("return window.visit"), "the page comes from the cache");
            page.browser().driver().navigate().back();
            awaitText("text of 5");
            page.browser().driver().navigate().forward();
            page.awaitState("ended");
            Eventually.until("an ended run is not read again", () -> crier.subscribers() == 0);
            assertEquals("text of 6, and more", text());
        }
    }

    @Test
    void thePageFollowsTheColorSchemeAndNamesItsParts() throws Exception {
        try (var crier = crier(0)) {
            page.load(crier.port(), "/run.html?run=/runs/42");
            page.awaitState("live");
            page.browser().preferColorScheme("light");
            assertEquals("rgb(255, 255, 255)", background());
            page.browser().preferColorScheme("dark");
            assertEquals("rgb(0, 0, 0)", background());
            assertEquals("Text of the run", element(By.id("text")).getAccessibleName());
            assertEquals("log", element(By.id("text")).getAriaRole());
            assertEquals("status", element(By.id("state")).getAriaRole());
        }
    }

    private static Object background() {
        return page.browser().run("return getComputedStyle(document.body).backgroundColor");
    }
}
