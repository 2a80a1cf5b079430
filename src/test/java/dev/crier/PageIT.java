package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Browser;
import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.Scrape;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
        assertEquals("connection lost, reconnecting", text(STATE));
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
        answerWith502(port, 1);
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

    private static final String NEWS = "{\"port\": %d, \"retry\": \"PT0.1S\", \"log\": {\"store\": \"sqlite\"},"
            + " \"management\": {\"port\": 0}, \"publish\": {\"tokens\": [\"a-token-of-the-tests\"]},"
            + " \"read\": {\"tokens\": [\"a-reader-of-the-tests\"]}, \"channels\": {\"/news\": {\"keep\": {\"events\": 100}, \"publish\": true%s}}}";

    private CrierProcess news(int port, String more) throws Exception {
        return CrierProcess.start(folder, "-conf", NEWS.formatted(port, more));
    }

    private static void visitNews(int port) {
        browser.driver().get("http://localhost:" + port + "/news.html");
    }

    private static void publish(String data) {
        browser.driver().findElement(By.name("data")).clear();
        browser.driver().findElement(By.name("token")).clear();
        browser.driver().findElement(By.name("token")).sendKeys("a-token-of-the-tests");
        browser.driver().findElement(By.name("data")).sendKeys(data, Keys.ENTER);
    }

    @Test
    void theNewsPageDistinguishesAMissingChannelFromOneThatTakesAToken() throws Exception {
        try (var crier = crier(0)) {
            visitNews(crier.port());
            awaitState("closed");
            assertTrue(text(STATE).startsWith("no such channel here"), text(STATE));
        }
        try (var crier = news(0, ", \"read\": \"token\"")) {
            visitNews(crier.port());
            awaitState("closed");
            assertTrue(text(STATE).startsWith("reading needs a token"), text(STATE));
        }
    }

    /** As behind a proxy at its default settings. */
    @Test
    void afterA502TheNewsPageReconnectsAndGetsEveryEventOnce() throws Exception {
        int port;
        try (var crier = news(0, "")) {
            port = crier.port();
            visitNews(port);
            awaitState("live");
            publish("first");
            patiently().until(driver -> events().equals(List.of("first")));
        }
        answerWith502(port, 2); // for the stream, and for the HEAD request
        assertEquals("connection lost, reconnecting", text(STATE));
        try (var crier = news(port, "")) {
            crier.port();
            awaitState("live");
            publish("second");
            patiently().until(driver -> events().equals(List.of("second", "first")));
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
            assertTrue(answered.await(60, TimeUnit.SECONDS), "the page asks again");
        } finally {
            RunningCrier.await(vertx.close());
        }
    }

    /** A browser has six connections for a site, and a page that it keeps for its back button keeps its connection. */
    @ParameterizedTest
    @ValueSource(strings = {"index.html", "news.html"})
    void pagesKeptForTheBackButtonUseNoConnectionAndComeBackLive(String page) throws Exception {
        try (var crier = news(0, "")) {
            int port = crier.port();
            for (int visit = 1; visit <= 7; visit++) {
                browser.driver().get("http://localhost:" + port + "/" + page + "?" + visit);
                awaitState("live");
                browser.run("window.visit = " + visit);
            }
            Eventually.until("only the page that is seen reads", () -> subscribers(crier) == 1);
            browser.run("document.getElementById('state').dataset.state = 'none'");
            browser.driver().navigate().back();
            awaitState("live");
            assertEquals(6L, browser.run("return window.visit"), "the page itself, and not one loaded anew");
        }
    }

    private static double subscribers(CrierProcess crier) throws Exception {
        Scrape scrape = Scrape.of(crier.managementPort());
        return scrape.value("crier_subscribers{channel=\"/news\"}")
                + scrape.value("crier_subscribers{channel=\"/currentTime\"}");
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
