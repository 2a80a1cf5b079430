package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.RawClient;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The console of a real Crier in a browser. {@link ConsolePageIT} has the page itself. */
class ConsoleIT extends PageFixture {

    private static final String CONF = """
            {
              "host": "127.0.0.1",
              "port": %d,
              "management": {"port": %d, "console": true},
              "publish": {"tokens": ["a-token-of-the-test"]},
              "channels": {"/news": {"keep": {"events": 10}, "publish": true}}
            }""";

    private static List<String> texts(String selector) {
        return page.browser().driver().findElements(By.cssSelector(selector)).stream()
                .map(WebElement::getText)
                .toList();
    }

    private static void awaitText(String selector, String text) {
        page.await()
                .withMessage(() -> texts(selector).toString())
                .until(driver -> texts(selector).toString().contains(text));
    }

    @Test
    void theConsoleShowsWhatCrierDoesAndGoesOnAfterARestart() throws Exception {
        int port;
        int managementPort;
        try (var crier = CrierProcess.start(folder, "-conf", CONF.formatted(0, 0))) {
            port = crier.port();
            managementPort = crier.managementPort();
            page.load(managementPort, "/console/");
            page.awaitState("open");
            awaitText("#rows", "/news");
            awaitText("figure", "connections");
            try (RawClient published = RawClient.publish(port, "/news", "a-token-of-the-test", "Hello")) {
                assertEquals("HTTP/1.1 201 Created", published.head().get(0));
            }
            page.load(managementPort, "/console/?again#/news");
            page.awaitState("open");
            awaitText("[data-part=events] li", "Hello");
            try (RawClient client = RawClient.request(managementPort, "GET /console")) {
                assertTrue(client.head().contains("location: /console/"));
            }
        }
        try (var crier = CrierProcess.start(folder, "-conf", CONF.formatted(port, managementPort))) {
            assertEquals(port, crier.port());
            page.awaitState("open");
            try (RawClient published = RawClient.publish(port, "/news", "a-token-of-the-test", "after the restart")) {
                assertEquals("HTTP/1.1 201 Created", published.head().get(0));
            }
            awaitText("[data-part=events] li", "after the restart");
            awaitText("[data-part=events] li", "Some events before this one are no longer kept.");
        }
    }

    /** The stream of the channel was refused, too. */
    @Test
    void afterARestartWithAnotherTokenThePageOfAChannelGoesOn() throws Exception {
        int port;
        int managementPort;
        try (var crier = CrierProcess.start(folder, "-conf", conf(0, 0, "the-first-management-token"))) {
            port = crier.port();
            managementPort = crier.managementPort();
            page.load(managementPort, "/console/#/news");
            logIn("the-first-management-token");
            page.await()
                    .until(driver -> page.browser()
                            .run("return document.activeElement.textContent")
                            .equals("/news"));
            awaitText("[data-part=state]", "live");
        }
        try (var crier =
                CrierProcess.start(folder, "-conf", conf(port, managementPort, "the-second-management-token"))) {
            assertEquals(managementPort, crier.managementPort());
            page.awaitState("locked");
            logIn("the-second-management-token");
            try (RawClient published = RawClient.publish(port, "/news", "a-token-of-the-test", "Hello again")) {
                assertEquals("HTTP/1.1 201 Created", published.head().get(0));
            }
            awaitText("[data-part=events] li", "Hello again");
        } finally {
            page.browser().driver().manage().deleteAllCookies();
        }
    }

    private static String conf(int port, int managementPort, String token) {
        return new JsonObject(CONF.formatted(port, managementPort))
                .mergeIn(new JsonObject().put("management", new JsonObject().put("tokens", List.of(token))), true)
                .encode();
    }

    private static void logIn(String token) {
        page.awaitState("locked");
        page.browser().driver().findElement(By.cssSelector("#login input")).sendKeys(token, Keys.ENTER);
        page.awaitState("open");
    }
}
