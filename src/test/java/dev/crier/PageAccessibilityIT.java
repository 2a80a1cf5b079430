package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.crier.clients.Axe;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all pages have in common, with the channels of {@code conf/demo.json} and without. */
class PageAccessibilityIT extends PageFixture {

    private static final List<String> SCHEMES = List.of("dark", "light");

    private static RunningCrier demo() throws Exception {
        return new RunningCrier(new JsonObject(Files.readString(Path.of("conf/demo.json")))
                .put("publish", new JsonObject("{\"tokens\": [\"a-token-of-the-tests\"]}")));
    }

    private static void assertNoViolations(Axe axe) {
        for (String scheme : SCHEMES) {
            page.browser().preferColorScheme(scheme);
            assertEquals(List.of(), axe.violations(page.browser()), scheme);
        }
    }

    private static Object run(String script) {
        return page.browser().run(script);
    }

    @ParameterizedTest
    @CsvSource({
        "/, live, Crier",
        "/news.html, live, Crier: news",
        "/dashboard.html, open, Crier: dashboard",
        "/run.html, none, Crier: run",
        "/run.html?run=/runs/42, ended, Crier: /runs/42"
    })
    void axeFindsNothingOnPagesWithEvents(String path, String state, String title) throws Exception {
        try (var crier = demo()) {
            for (String channel : List.of("/news", "/dashboard/load", "/dashboard/state", "/runs/42")) {
                crier.publish(channel, "1.5");
            }
            crier.end("/runs/42");
            page.load(crier.port(), path);
            page.awaitState(state);
            assertEquals(title, page.browser().driver().getTitle());
            assertNoViolations(new Axe());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/news.html", "/dashboard.html", "/run.html?run=/runs/42"})
    void axeFindsNothingOnPagesThatTellWhatToDeclare(String path) throws Exception {
        try (var crier = RunningCrier.withChannel("/other")) {
            page.load(crier.port(), path);
            page.awaitState("closed");
            page.await()
                    .until(driver -> run("return !document.getElementById('undeclared').hidden")
                            .equals(true));
            assertNoViolations(new Axe());
        }
    }

    @Test
    void axeFindsNothingOnADashboardWithoutEvents() throws Exception {
        try (var crier = new RunningCrier(
                new JsonObject("{\"channels\": {\"/dashboard/:name\": {}, \"/news\": {\"keep\": {\"events\": 5}}}}"))) {
            page.load(crier.port(), "/dashboard.html");
            page.awaitState("open");
            assertNoViolations(new Axe());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/news.html", "/dashboard.html", "/run.html?run=/runs/42"})
    void eachPageFitsAPhoneAndLinksToTheOthers(String path) throws Exception {
        try (var crier = demo()) {
            page.browser().emulatePhone(320, 640);
            page.load(crier.port(), path);
            page.await().until(driver -> run("return document.readyState").equals("complete"));
            assertEquals(320L, run("return document.documentElement.scrollWidth"), "the page does not scroll sideways");
            String others = "[...document.links].filter((link) => !link.ariaCurrent).map(({ href }) => href)";
            assertEquals(3, ((List<?>) run("return " + others)).size());
            assertEquals(
                    List.of(200L, 200L, 200L),
                    run("return Promise.all(%s.map((href) => fetch(href).then(({ status }) => status)))"
                            .formatted(others)));
        }
    }
}
