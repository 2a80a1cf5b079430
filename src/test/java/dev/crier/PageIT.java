package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.crier.testing.Browser;
import dev.crier.testing.CrierProcess;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.WebDriver;
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
        int port;
        try (var crier = crier(0)) {
            port = crier.port();
            visit(port);
            awaitState("live");
        }
        awaitState("lost");
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
        int port;
        try (var crier = crier(0)) {
            port = crier.port();
            visit(port);
            awaitState("live");
        }
        awaitState("lost");
        Vertx vertx = Vertx.vertx();
        var answered = new CountDownLatch(1);
        RunningCrier.await(vertx.createHttpServer()
                .requestHandler(request -> {
                    request.response().setStatusCode(502).end();
                    answered.countDown();
                })
                .listen(port));
        answered.await();
        awaitState("lost");
        RunningCrier.await(vertx.close());
        try (var crier = crier(port)) {
            crier.port();
            awaitState("live");
        }
    }

    @Test
    void servedFromAnotherOriginItShowsTheTimeOfThisOne() throws Exception {
        try (var crier = crier(0)) {
            int port = crier.port();
            for (String file : List.of("index.html", "index.js", "index.css", "favicon.svg")) {
                Files.copy(Path.of("webroot", file), folder.resolve(file));
            }
            Path page = folder.resolve("index.html");
            String stream = "data-stream=\"currentTime\"";
            String html = Files.readString(page);
            assertFalse(html.replace(stream, "").equals(html));
            Files.writeString(page, html.replace(stream, "data-stream=\"http://localhost:" + port + "/currentTime\""));
            Vertx vertx = Vertx.vertx();
            try {
                Router router = Router.router(vertx);
                router.route().handler(StaticHandler.create(FileSystemAccess.ROOT, folder.toString()));
                HttpServer other = RunningCrier.await(
                        vertx.createHttpServer().requestHandler(router).listen(0));
                visit(other.actualPort());
                awaitState("live");
                awaitTick();
            } finally {
                RunningCrier.await(vertx.close());
            }
        }
    }

    @Test
    void itFitsAPhone() throws Exception {
        WebDriver.Window window = browser.driver().manage().window();
        Dimension before = window.getSize();
        try (var crier = crier(0)) {
            visit(crier.port());
            window.setSize(new Dimension(500, 800)); // as narrow as a headless window gets
            awaitState("live");
            assertEquals(
                    browser.run("return document.documentElement.clientWidth"),
                    browser.run("document.getElementById('time').textContent = '12:59:59 PM';"
                            + " return document.documentElement.scrollWidth"),
                    "nothing to scroll sideways");
        } finally {
            window.setSize(before);
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
