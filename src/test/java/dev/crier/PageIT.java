package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Browser;
import dev.crier.testing.CrierProcess;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Vertx;
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
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The page in a real browser, served by the real jar. */
class PageIT {

    private static final By TIME = By.id("time");
    private static final By STATE = By.id("state");
    private static final Pattern A_TIME = Pattern.compile("\\d{1,2}:\\d\\d:\\d\\d [AP]M");

    @TempDir
    private Path folder;

    private static Browser browser;

    @BeforeAll
    static void open() {
        browser = Browser.open();
    }

    @AfterAll
    static void close() {
        if (browser != null) {
            browser.close();
        }
    }

    private CrierProcess crier(int port) throws Exception {
        return CrierProcess.start(folder, "-conf", "{\"port\": " + port + "}");
    }

    private static void visit(int port) {
        browser.driver().get("http://localhost:" + port + "/");
    }

    private static WebDriverWait patiently() {
        return new WebDriverWait(browser.driver(), Duration.ofSeconds(60));
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

    /** Its port: the page was live, and has lost it. */
    private int openAtOneThatEnds() throws Exception {
        int port;
        try (var crier = crier(0)) {
            port = crier.port();
            visit(port);
            awaitState("live");
        }
        awaitState("lost");
        return port;
    }

    @Test
    void theTimeTicksAndTheStateIsShown() throws Exception {
        try (var crier = crier(0)) {
            visit(crier.port());
            awaitState("live");
            awaitTick();
            assertEquals("live", text(STATE));
            assertEquals("status", browser.driver().findElement(STATE).getAriaRole());
            assertEquals(List.of(), browser.complaintsAbout(":" + crier.port() + "/"));
        }
    }

    @Test
    void aRestartIsSurvivedAndSaidWhileItLasts() throws Exception {
        int port = openAtOneThatEnds();
        assertEquals("connection lost, trying again", text(STATE));
        String last = text(TIME);
        try (var crier = crier(port)) {
            crier.port();
            awaitState("live");
            awaitTick();
            assertNotEquals(last, text(TIME));
        }
    }

    /** As behind a proxy while the server starts: an EventSource gives up at such an answer. */
    @Test
    void anAnswerThatIsNoStreamIsSurvivedToo() throws Exception {
        int port = openAtOneThatEnds();
        Vertx vertx = Vertx.vertx();
        try {
            var answered = new CountDownLatch(1);
            RunningCrier.await(vertx.createHttpServer()
                    .requestHandler(request -> {
                        request.response().setStatusCode(502).end();
                        answered.countDown();
                    })
                    .listen(port));
            assertTrue(answered.await(60, TimeUnit.SECONDS), "the page asks again");
        } finally {
            RunningCrier.await(vertx.close());
        }
        try (var crier = crier(port)) {
            crier.port();
            awaitState("live");
        }
    }

    @Test
    void servedFromAnotherOriginItShowsTheTimeOfThisOne() throws Exception {
        try (var crier = crier(0)) {
            int port = crier.port();
            Path webroot = Files.createDirectories(folder.resolve("webroot"));
            for (String file : List.of("index.html", "index.js", "index.css", "favicon.svg")) {
                Files.copy(Path.of("webroot", file), webroot.resolve(file));
            }
            Path page = webroot.resolve("index.html");
            String stream = "data-stream=\"currentTime\"";
            String html = Files.readString(page);
            assertTrue(html.contains(stream));
            Files.writeString(page, html.replace(stream, "data-stream=\"http://localhost:" + port + "/currentTime\""));
            try (var other =
                    CrierProcess.start(folder, "-conf", "{\"port\": 0, \"channels\": {\"/currentTime\": null}}")) {
                visit(other.port());
                awaitState("live");
                awaitTick();
                assertEquals(List.of(), browser.complaintsAbout(":" + other.port() + "/"));
            }
        }
    }

    @Test
    void theNewsPagePublishesAndShowsAndComesBackWithoutMissingAnything() throws Exception {
        String token = "a-token-of-the-tests";
        String conf =
                "{\"port\": %d, \"retry\": \"PT0.1S\", \"log\": {\"store\": \"sqlite\"}, \"publish\": {\"tokens\": [\""
                        + token + "\"]}, \"channels\": {\"/news\": {\"keep\": {\"events\": 100}, \"publish\": true}}}";
        int port;
        try (var crier = CrierProcess.start(folder, "-conf", conf.formatted(0))) {
            port = crier.port();
            browser.driver().get("http://localhost:" + port + "/news.html");
            awaitState("live");
            browser.driver().findElement(By.name("token")).sendKeys(token);
            browser.driver().findElement(By.name("data")).sendKeys("first <b>news</b>", Keys.ENTER);
            patiently().until(driver -> events().equals(List.of("first <b>news</b>")));
            assertTrue(text(By.id("answer")).startsWith("published as "), text(By.id("answer")));
            assertEquals(List.of(), browser.complaintsAbout(":" + port + "/"));
        }
        awaitState("lost");
        try (var crier = CrierProcess.start(folder, "-conf", conf.formatted(port))) {
            crier.port();
            awaitState("live");
            browser.driver().findElement(By.name("data")).sendKeys("second", Keys.ENTER);
            patiently().until(driver -> events().equals(List.of("second", "first <b>news</b>")));
            browser.driver().findElement(By.name("token")).sendKeys("wrong");
            browser.driver().findElement(By.name("data")).sendKeys("third", Keys.ENTER);
            patiently().until(ExpectedConditions.textToBe(By.id("answer"), "Crier does not know this token."));
        }
    }

    private static List<String> events() {
        return browser.driver().findElements(By.cssSelector("#events li")).stream()
                .map(WebElement::getText)
                .toList();
    }

    @Test
    void itFitsAPhone() throws Exception {
        try (var crier = crier(0)) {
            visit(crier.port());
            awaitState("live");
            browser.beAPhone(320, 640);
            assertEquals(320L, browser.run("return document.documentElement.clientWidth"));
            assertEquals(
                    320L,
                    browser.run("document.getElementById('time').textContent = '12:59:59 PM';"
                            + " return document.documentElement.scrollWidth"),
                    "nothing to scroll sideways");
        } finally {
            browser.beADesktop();
        }
    }

    @Test
    void whoWantsNoMotionIsShownNone() throws Exception {
        try (var crier = crier(0)) {
            visit(crier.port());
            awaitState("live");
            browser.reduceMotion(true);
            browser.run("document.getElementById('state').dataset.state = 'lost'");
            assertEquals(
                    "none",
                    browser.run("return getComputedStyle(document.getElementById('state'), '::before').animationName"));
            browser.reduceMotion(false);
            assertEquals(
                    "breathe",
                    browser.run("return getComputedStyle(document.getElementById('state'), '::before').animationName"));
        }
    }
}
