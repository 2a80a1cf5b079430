package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.testing.Browser;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Cookie;
import org.openqa.selenium.support.ui.WebDriverWait;

/** A browser's EventSource on a channel that is read with a token, which stands in a cookie that no script sees. */
class CookieIT {

    private static final String TOKEN = "a-token-of-readers";

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

    private static RunningCrier secret(String... origins) throws Exception {
        var crier = new RunningCrier(new JsonObject()
                .put("channels", new JsonObject().put("/secret", new JsonObject().put("read", "token")))
                .put("read", new JsonObject().put("tokens", new JsonArray().add(TOKEN)))
                .put("cors", new JsonObject().put("origins", new JsonArray(List.of((Object[]) origins)))));
        crier.publish("/secret", "for you");
        return crier;
    }

    /** Serves the page that reads: of another origin, since the port is another. */
    private static RunningCrier pages() throws Exception {
        return RunningCrier.withChannel("/none");
    }

    private static String origin(RunningCrier crier) {
        return "http://localhost:" + crier.port();
    }

    /** Shows a page there, with the cookie that its application would have set; ports are all the same to cookies. */
    private static void visit(RunningCrier crier, String token) {
        browser.driver().get(origin(crier) + "/news.html");
        browser.driver().manage().deleteAllCookies();
        if (!token.isEmpty()) {
            browser.driver()
                    .manage()
                    .addCookie(new Cookie.Builder("crier_token", token)
                            .isHttpOnly(true)
                            .sameSite("Strict")
                            .build());
        }
    }

    /** What comes first: the data of an event, or that the browser has given up. */
    private static String read(String url, boolean withCredentials) {
        browser.run(
                "window.told = null; window.source = new EventSource('" + url + "', {withCredentials: "
                        + withCredentials + "});"
                        + "source.onmessage = (event) => { told = told ?? event.data; source.close(); };"
                        + "source.onerror = () => { if (source.readyState === EventSource.CLOSED) told = told ?? 'given up'; };");
        return (String) new WebDriverWait(browser.driver(), Duration.ofSeconds(60))
                .until(driver -> browser.run("return window.told"));
    }

    @Test
    void theOwnPageReads() throws Exception {
        try (var crier = secret()) {
            visit(crier, TOKEN);
            assertEquals("", browser.run("return document.cookie"));
            assertEquals("for you", read("/secret", false));
            visit(crier, "another-token-that-is-wrong");
            assertEquals("given up", read("/secret", false));
            visit(crier, "");
            assertEquals("given up", read("/secret", false));
        }
    }

    @Test
    void aPageOfAListedOriginReadsWithCredentials() throws Exception {
        try (var pages = pages();
                var crier = secret(origin(pages))) {
            visit(pages, TOKEN);
            assertEquals("for you", read(origin(crier) + "/secret", true));
            assertEquals("given up", read(origin(crier) + "/secret", false));
        }
    }

    @Test
    void aPageOfAnotherDoesNot() throws Exception {
        try (var pages = pages();
                var crier = secret("https://page.example")) {
            visit(pages, TOKEN);
            assertEquals("given up", read(origin(crier) + "/secret", true));
        }
    }

    @Test
    void whereAnyOriginMayReadItsCookieIsOfNoUse() throws Exception {
        try (var pages = pages();
                var crier = secret("*")) {
            visit(pages, TOKEN);
            assertEquals("given up", read(origin(crier) + "/secret", true));
            visit(crier, TOKEN);
            assertEquals("for you", read("/secret", false));
        }
    }
}
