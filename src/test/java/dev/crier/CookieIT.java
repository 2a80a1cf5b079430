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

/** A browser's EventSource reads a channel that needs a token. The token is in a cookie that scripts cannot read. */
class CookieIT {

    private static final String TOKEN = "a-token-of-subscribers";

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
        var crier = new RunningCrier(new JsonObject(
                """
                {
                  "channels": {"/secret": {"read": "token"}},
                  "read": {"tokens": ["%s"]},
                  "cors": {"origins": %s}
                }""".formatted(TOKEN, new JsonArray(List.of((Object[]) origins)).encode())));
        crier.publish("/secret", "for you");
        return crier;
    }

    /** Starts a second Crier whose pages subscribe to the first. They have another origin, because the port differs. */
    private static RunningCrier pages() throws Exception {
        return RunningCrier.withChannel("/none");
    }

    private static String origin(RunningCrier crier) {
        return "http://localhost:" + crier.port();
    }

    /** Opens a page and sets the cookie, as an application would. A cookie is valid for all ports of a host. */
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

    /** Subscribes. Returns the data of the first event, or "closed" if the browser has given up. */
    private static String read(String url, boolean withCredentials) {
        browser.run(
                "window.result = null; window.source = new EventSource('" + url + "', {withCredentials: "
                        + withCredentials + "});"
                        + "source.onmessage = (event) => { result = result ?? event.data; source.close(); };"
                        + "source.onerror = () => { if (source.readyState === EventSource.CLOSED) result = result ?? 'closed'; };");
        return (String) new WebDriverWait(browser.driver(), Duration.ofSeconds(60))
                .until(driver -> browser.run("return window.result"));
    }

    @Test
    void aPageOfTheSameOriginReadsWithTheRightCookieOnly() throws Exception {
        try (var crier = secret()) {
            visit(crier, TOKEN);
            assertEquals("", browser.run("return document.cookie"));
            assertEquals("for you", read("/secret", false));
            visit(crier, "another-token-that-is-wrong");
            assertEquals("closed", read("/secret", false));
            visit(crier, "");
            assertEquals("closed", read("/secret", false));
        }
    }

    @Test
    void aPageOfAListedOriginReadsWithCredentials() throws Exception {
        try (var pages = pages();
                var crier = secret(origin(pages))) {
            visit(pages, TOKEN);
            assertEquals("for you", read(origin(crier) + "/secret", true));
            assertEquals("closed", read(origin(crier) + "/secret", false));
        }
    }

    @Test
    void aPageOfAnOriginThatIsNotListedDoesNotRead() throws Exception {
        try (var pages = pages();
                var crier = secret("https://page.example")) {
            visit(pages, TOKEN);
            assertEquals("closed", read(origin(crier) + "/secret", true));
        }
    }

    @Test
    void withAnyOriginAllowedTheCookieOfAnotherOriginIsIgnored() throws Exception {
        try (var pages = pages();
                var crier = secret("*")) {
            visit(pages, TOKEN);
            assertEquals("closed", read(origin(crier) + "/secret", true));
            visit(crier, TOKEN);
            assertEquals("for you", read("/secret", false));
        }
    }
}
