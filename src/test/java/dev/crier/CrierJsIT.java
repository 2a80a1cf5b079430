package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.Ports;
import dev.crier.testing.RunningCrier;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.TimeoutException;

/** The module {@code crier.js} in a browser. Its own source is the page, which has no script and no stream of its own. */
class CrierJsIT extends PageFixture {

    /** Records what the module requests, receives and reports. */
    private static final String RECORD = """
            window.requests = []; window.got = []; window.states = []; window.gaps = [];
            const send = window.fetch;
            window.fetch = async (url, options) => {
              const request = { url: String(url), method: options.method ?? "GET", at: Date.now() };
              requests.push(request);
              const response = await send(url, options);
              request.status = response.status;
              request.retryAfter = response.headers.get("Retry-After");
              return response;
            };
            window.show = ({ channel, type, data }) => got.push([channel, type, data].join(" "));
            window.open = (options) => {
              window.crier = new Crier("/events", options);
              crier.addEventListener("state", ({ detail }) => states.push(`${detail.state}: ${detail.reason}`));
              crier.addEventListener("gap", ({ detail }) => gaps.push(detail.channel));
            };
            """;

    private static JsonObject conf() {
        return new JsonObject("""
                {
                  "retry": "PT0.1S",
                  "channels": {
                    "/news": {"keep": {"events": 1000}},
                    "/secret": {"keep": {"events": 1000}, "read": "token"},
                    "/score": {"keep": "latest"},
                    "/level": {"keep": "latest"},
                    "/runs/:id": {"keep": {"events": 1000}, "ends": true},
                    "/orders/:id": {"keep": {"events": 1000}}
                  },
                  "read": {"tokens": ["a-token-of-the-tests"]}
                }""");
    }

    private static void load(int port, String options) {
        page.load(port, "/crier.js");
        page.browser().run("return import('/crier.js').then(({ Crier }) => { window.Crier = Crier; });");
        run(RECORD + "open(" + options + ");");
    }

    private static Object run(String script) {
        return page.browser().run(script);
    }

    private static void await(String condition) {
        try {
            page.await().until(driver -> (Boolean) run("return " + condition));
        } catch (TimeoutException e) {
            throw new AssertionError(condition + ": " + run("return JSON.stringify([got, states, gaps, requests])"), e);
        }
    }

    private static void awaitState(String state) {
        await("states.at(-1)?.startsWith('%s')".formatted(state));
    }

    private static void awaitEvents(String... events) {
        await("got.length >= " + events.length);
        assertEquals(List.of(events), run("return got"));
    }

    @Test
    void changesWithinOneTurnAreOneReconnect() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            load(crier.port(), "{}");
            run("crier.on('/news', show); crier.on('/level', show)(); crier.on('/orders/1', show);");
            awaitState("open");
            assertEquals(
                    List.of("?channel=%2Fnews&channel=%2Forders%2F1"),
                    run("return requests.map(({ url }) => new URL(url).search)"));
            run("crier.on('/score', show)();");
            crier.publish("/news", "1");
            awaitEvents("/news message 1");
            assertEquals(1L, run("return requests.length"), "a handler that is added and removed changes nothing");
            assertEquals(List.of("connecting: ", "open: "), run("return states"));
            run("crier.close()");
            assertEquals("closed: ", run("return states.at(-1)"));
        }
    }

    @Test
    void aNewHandlerGetsTheNewestEventOnceAndOthersNothingTwice() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            crier.publish("/score", "old");
            crier.publish("/score", "newest");
            crier.publish("/orders/1", "before");
            load(crier.port(), "{}");
            run("crier.on('/news', show);");
            awaitState("open");
            crier.publish("/news", "1");
            awaitEvents("/news message 1");
            crier.publish("/level", "later than the position");
            run("states.length = 0; ['/score', '/level', '/orders/:id'].forEach((name) => crier.on(name, show));");
            awaitState("open");
            crier.publish("/news", "2");
            crier.publish("/score", "next");
            awaitEvents(
                    "/news message 1",
                    "/score message newest",
                    "/level message later than the position",
                    "/news message 2",
                    "/score message next");
        }
    }

    @Test
    void aHandlerOfAFamilyGetsTheEventsOfAllItsChannelsWithTheirTypes() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            load(crier.port(), "{}");
            run("crier.on('/orders/:id', show); crier.on('/orders/b ü', () => { throw new Error('of the test'); });");
            awaitState("open");
            crier.publish(new JsonObject()
                    .put("channel", "/orders/b ü")
                    .put("event", "sold")
                    .put("data", "one\n two"));
            crier.publish("/news", "not asked for");
            crier.publish("/orders/2", "");
            awaitEvents("/orders/b ü sold one\n two", "/orders/2 message ");
        }
    }

    @Test
    void throughARestartAndChangesOfTheListNothingIsLostOrDoubled() throws Exception {
        JsonObject conf =
                conf().put("port", Ports.free()).put("log", new JsonObject("""
                        {"store": "sqlite", "file": "%s"}""".formatted(folder.resolve("crier.db"))));
        try (var crier = new RunningCrier(conf)) {
            load(crier.port(), "{}");
            run("crier.on('/news', show); crier.on('/score', show);");
            awaitState("open");
            run("let off; setInterval(() => { off = off ? void off() : crier.on('/level', show); }, 50);");
            for (int i = 0; i < 300; i++) {
                crier.publish("/news", String.valueOf(i));
            }
        }
        awaitState("waiting");
        try (var successor = new RunningCrier(conf)) {
            for (int i = 300; i < 600; i++) {
                successor.publish("/news", String.valueOf(i));
            }
            awaitEvents(
                    IntStream.range(0, 600).mapToObj(i -> "/news message " + i).toArray(String[]::new));
            assertEquals(List.of(), run("return gaps"));
        }
    }

    @Test
    void theEndOfAChannelIsItsLastEventAndTheStreamGoesOn() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            load(crier.port(), "{}");
            run("crier.on('/runs/:id', show); crier.on('/news', show);");
            awaitState("open");
            crier.publish("/runs/7", "1");
            crier.end("/runs/7");
            crier.publish("/news", "2");
            awaitEvents("/runs/7 message 1", "/runs/7 crier.end {\"reason\":\"ended\"}", "/news message 2");
            assertEquals(1L, run("return requests.length"));
            assertEquals(List.of("connecting: ", "open: "), run("return states"));
        }
    }

    @Test
    void aGapIsReportedWithItsChannel() throws Exception {
        JsonObject conf = conf().put("port", Ports.free());
        try (var crier = new RunningCrier(conf)) {
            load(crier.port(), "{}");
            run("crier.on('/news', show); crier.on('/score', show);");
            awaitState("open");
            crier.publish("/news", "1");
            awaitEvents("/news message 1");
        }
        awaitState("waiting");
        try (var withoutOldEvents = new RunningCrier(conf)) {
            await("gaps.length > 0");
            withoutOldEvents.publish("/news", "2");
            awaitEvents("/news message 1", "/news message 2");
            assertEquals(List.of("/news"), run("return gaps"));
        }
    }

    @Test
    void aTokenIsSentAndAMissingOneIsReportedAndNotRetried() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            load(crier.port(), "{}");
            run("crier.on('/secret', show);");
            awaitState("closed");
            assertTrue(((String) run("return states.at(-1)")).contains("/secret"), "the reason names the channel");
            run("dispatchEvent(new Event('online'));");
            assertEquals(1L, run("return requests.length"));
            load(crier.port(), "{ token: async () => 'a-token-of-the-tests' }");
            run("crier.on('/secret', show);");
            awaitState("open");
            crier.publish("/secret", "1");
            awaitEvents("/secret message 1");
        }
    }

    @ParameterizedTest
    @CsvSource({"subscribersPerAddress, 429", "subscribers, 503"})
    void theNextRequestWaitsForRetryAfter(String limit, long status) throws Exception {
        JsonObject limits = new JsonObject().put(limit, 1).put("refuse", "status");
        try (var crier = new RunningCrier(conf().put("limits", limits))) {
            load(crier.port(), "{}");
            run("return new Promise((opened) => { window.other = new EventSource('/news'); other.onopen = opened; });");
            run("crier.on('/news', show);");
            awaitState("waiting");
            run("other.close(); dispatchEvent(new Event('online')); crier.on('/score', show);");
            awaitState("open");
            assertEquals(status, run("return requests[0].status"));
            assertEquals(
                    true,
                    run("return requests[0].retryAfter >= 1"
                            + " && requests[1].at - requests[0].at >= requests[0].retryAfter * 1000"));
        }
    }

    @Test
    void thePageReconnectsAtOnceWhenItIsShownOrTheNetworkReturnsAndHasNoStreamWhenItIsLeft() throws Exception {
        JsonObject conf = conf().put("port", Ports.free()).put("retry", "PT1H");
        try (var crier = new RunningCrier(conf)) {
            load(crier.port(), "{}");
            run("crier.on('/news', show);");
            awaitState("open");
        }
        awaitState("waiting");
        try (var successor = new RunningCrier(conf)) {
            run("document.dispatchEvent(new Event('visibilitychange'));");
            awaitState("open");
            run("dispatchEvent(new Event('pagehide'));");
            Eventually.until("the stream is closed", () -> successor.subscribers() == 0);
            run("states.length = 0; dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));");
            awaitState("open");
            run("states.length = 0; dispatchEvent(new Event('online'));");
            awaitState("open");
            Eventually.until("one stream is open", () -> successor.subscribers() == 1);
            run("crier.close()");
            Eventually.until("the stream is closed", () -> successor.subscribers() == 0);
        }
    }

    @Test
    void aListThatDoesNotFitAUrlIsPosted() throws Exception {
        try (var crier = new RunningCrier(conf())) {
            load(crier.port(), "{}");
            run("for (let i = 0; i < 900; i++) crier.on('/orders/' + i, show);");
            awaitState("open");
            crier.publish("/orders/899", "1");
            awaitEvents("/orders/899 message 1");
            run("states.length = 0; crier.on('/news', show);");
            awaitState("open");
            crier.publish("/orders/0", "2");
            awaitEvents("/orders/899 message 1", "/orders/0 message 2");
            assertEquals(List.of("POST", "GET", "POST"), run("return requests.map(({ method }) => method)"));
        }
    }

    @Test
    void theStreamOfASilentServerIsReplacedAndHeartbeatsKeepIt() throws Exception {
        try (var crier = new RunningCrier(conf().put("heartbeat", "PT1H"))) {
            load(crier.port(), "{ heartbeat: 100 }");
            run("crier.on('/news', show);");
            await("states.includes('waiting: the server is silent')");
            crier.publish("/news", "1");
            awaitEvents("/news message 1");
            run("crier.close()");
        }
        try (var crier = new RunningCrier(conf().put("heartbeat", "PT0.1S"))) {
            load(crier.port(), "{ heartbeat: 1000 }");
            run("crier.on('/news', show);");
            awaitState("open");
            run("return new Promise((later) => setTimeout(later, 2500));"); // longer than two heartbeats of the page
            assertEquals(1L, run("return requests.length"));
        }
    }
}
