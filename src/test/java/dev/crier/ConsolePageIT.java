package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.clients.Axe;
import dev.crier.event.Event;
import dev.crier.testing.ConsoleStandIn;
import dev.crier.testing.Eventually;
import dev.crier.testing.Ports;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Cookie;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;

/** The page of the console in a browser. The tests publish what Crier would measure. */
class ConsolePageIT extends PageFixture {

    private static final String CONSOLE = "/console/";
    private static final By PROBLEMS = By.cssSelector("#problems li");
    private static final By ROWS = By.cssSelector("#rows tr");
    private static final By EVENTS = By.cssSelector("[data-part=events] li");
    private static final By OLDER = By.cssSelector("[data-part=older]");
    private static final int MINUTES_15 = 900;

    /** Counts the pixels in the first fifth of a plot that have about the color of its first line. */
    private static final String PIXELS_AT_THE_START = """
            const canvas = [...document.querySelectorAll("figure")]
                .find((figure) => figure.querySelector("h3").textContent === "%s").querySelector("canvas");
            const width = Math.floor(canvas.width * 0.35);
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, canvas.height);
            let count = 0;
            for (let i = 0; i < data.length; i += 4) if (data[i + 2] > 180 && data[i] < 130 && data[i + 3] > 128) count++;
            return count;""";

    private ConsoleStandIn console(int port) throws Exception {
        return new ConsoleStandIn(folder, port, "anyone");
    }

    private static WebElement element(String selector) {
        return page.browser().driver().findElement(By.cssSelector(selector));
    }

    private static List<String> texts(By by) {
        return page.browser().driver().findElements(by).stream()
                .map(WebElement::getText)
                .toList();
    }

    private static Object run(String script) {
        return page.browser().run(script);
    }

    private static void awaitTexts(By by, String... texts) {
        page.await()
                .withMessage(() -> texts(by).toString())
                .until(driver -> texts(by).equals(List.of(texts)));
    }

    private static void awaitText(String selector, String text) {
        page.await()
                .withMessage(() -> element(selector).getText())
                .until(driver -> element(selector).getText().contains(text));
    }

    /** Returns the text of a plot: its title, its values, and what it says to a screen reader. */
    private static String plot(String title) {
        Object text = run("""
                const figure = [...document.querySelectorAll("figure:not([hidden])")]
                    .find((each) => each.querySelector("h3").textContent === "%s");
                return figure ? [...figure.querySelectorAll("p")].map(({ textContent }) => textContent).join(" | ") : "none";""".formatted(title));
        return text.toString();
    }

    private static void awaitPlot(String title, String text) {
        page.await().withMessage(() -> plot(title)).until(driver -> plot(title).contains(text));
    }

    private static List<String> events() {
        return ((List<?>) run("return [...document.querySelectorAll('[data-part=events] li:not([hidden]) .data')]"
                        + ".map(({ textContent }) => textContent)"))
                .stream().map(String::valueOf).toList();
    }

    private void openChannel(ConsoleStandIn console, String name) {
        page.load(console.port(), CONSOLE + "?" + System.nanoTime() + "#" + name);
        page.awaitState("open");
    }

    @Test
    void theConsoleOpensWithTheLastFifteenMinutesAlreadyDrawn() throws Exception {
        try (var console = console(0)) {
            console.publishSeconds(MINUTES_15, 100);
            page.browser().preferColorScheme("dark");
            page.load(console.port(), CONSOLE);
            page.awaitState("open");
            assertEquals("live", page.state());
            awaitPlot("Subscribers", "subscribers 999connections 2 of 100");
            awaitPlot("Subscribers", "subscribers from 100 to 999, connections from 2 to 2.");
            Eventually.until(
                    "the first minutes are drawn", () -> (long) run(PIXELS_AT_THE_START.formatted("Subscribers")) > 20);
            console.publishSeconds(1, 2000);
            awaitPlot("Subscribers", "subscribers 2,000");
            assertEquals(List.of(), page.browser().warningsAbout(":" + console.port() + "/"));
        }
    }

    @Test
    void eachPlotHasItsValuesInTextAndWhatIsNotMeasuredHasNone() throws Exception {
        try (var console = console(0)) {
            page.load(console.port(), CONSOLE);
            console.publish(List.of(ConsoleStandIn.stats(System.currentTimeMillis() - 1_000)));
            awaitPlot("Heap", "used 1 MiB of 4 MiB");
            awaitPlot("Size of the log", "memory 1 KiB of 4 KiB");
            awaitPlot("Event loop delay", "99 % 0.5 mslongest 1 ms");
            for (String absent : List.of("Delivery delay", "Write time", "Redis delay")) {
                assertEquals("none", plot(absent), absent);
            }
            assertFalse(element("#redis").isDisplayed());
            console.publish(
                    List.of(
                            ConsoleStandIn.stats(System.currentTimeMillis())
                                    .put("published", 20)
                                    .put("delivered", 123_456)
                                    .put("delay", new JsonObject("{\"p50\": 0.25, \"p99\": 1500}"))
                                    .put("lagging", 4)
                                    .put("lagMillis", 90_000)
                                    .put("gaps", 1)
                                    .put("ended", new JsonObject("{\"left\": 7, \"write_failed\": 2}"))
                                    .put("refused", new JsonObject("{\"429\": 3}"))
                                    .put(
                                            "log",
                                            new JsonObject(
                                                    "{\"memoryBytes\": 1, \"fileBytes\": 3145728, \"write\": {\"p50\": 2, \"p99\": 4}}"))
                                    .put(
                                            "redis",
                                            new JsonObject(
                                                    "{\"state\": \"connected\", \"delayMillis\": 0.3, \"epoch\": \"1-0\","
                                                            + "\"nodes\": [{\"id\": \"b\", \"beatMillis\": 120}, {\"id\": \"c\", \"beatMillis\": 90, \"self\": true}]}"))));
            awaitPlot("Events published a second", "published 20");
            assertTrue(plot("Events delivered a second").contains("delivered 123.5K"));
            assertTrue(plot("Delivery delay").contains("median 0.25 ms99 % 1.5 s"));
            assertTrue(plot("Lagging subscribers").contains("lagging 4"));
            assertTrue(plot("Greatest lag").contains("lag 1.5 min"));
            assertTrue(
                    plot("Gaps, ended streams and refusals a second").contains("gaps 1write failed 2refused: 429 3 |"));
            assertTrue(plot("Size of the log").contains("memory 1 Bdisk 3 MiB"));
            assertTrue(plot("Write time").contains("median 2 ms99 % 4 ms"));
            assertTrue(plot("Redis delay").contains("delay 0.3 ms"));
            assertEquals(
                    "Redis is connected, epoch 1-0.", element("#redis-state").getText());
            assertEquals(
                    List.of("This node, c, reported 90 ms ago.", "Node b reported 120 ms ago."),
                    texts(By.cssSelector("#nodes li")));
        }
    }

    @Test
    void whatIsWrongIsSaidAtTheTopForAsLongAsItIs() throws Exception {
        try (var console = console(0)) {
            page.load(console.port(), CONSOLE);
            console.publish(List.of(ConsoleStandIn.stats(System.currentTimeMillis() - 2_000)));
            awaitTexts(PROBLEMS, "Nothing is wrong.");
            console.publish(List.of(ConsoleStandIn.stats(System.currentTimeMillis() - 1_000)
                    .put(
                            "problems",
                            new JsonArray()
                                    .add("The log cannot store: <b>disk</b> full.")
                                    .add("Redis is away."))));
            awaitTexts(PROBLEMS, "The log cannot store: <b>disk</b> full.", "Redis is away.");
            awaitAnnouncement("The log cannot store: <b>disk</b> full. Redis is away.");
            console.publish(List.of(ConsoleStandIn.stats(System.currentTimeMillis())));
            awaitTexts(PROBLEMS, "Nothing is wrong.");
            awaitAnnouncement("Nothing is wrong.");
        }
    }

    private static void awaitAnnouncement(String text) {
        page.await()
                .until(driver ->
                        text.equals(run("return document.querySelector('#announcement[role=status]').textContent")));
    }

    /** A screen reader would otherwise read the sentence every second. */
    @Test
    void aProblemIsNotAnnouncedAgainWhenOnlyItsNumberChanges() throws Exception {
        try (var console = console(0)) {
            page.load(console.port(), CONSOLE);
            for (int refused = 2; refused < 5; refused++) {
                String sentence = refused + " subscribers were refused.";
                console.publish(List.of(ConsoleStandIn.stats(System.currentTimeMillis() + refused * 1_000)
                        .put("problems", new JsonArray().add(sentence))));
                awaitTexts(PROBLEMS, sentence);
                awaitAnnouncement("2 subscribers were refused.");
            }
        }
    }

    /** The console's own Crier has its numbers in memory, so a restart loses them. */
    @Test
    void overARestartThePageSaysThatItsStreamIsLostAndGoesOnWithItsPlots() throws Exception {
        int port = Ports.free();
        try (var stopping = console(port)) {
            stopping.publishSeconds(600, 100);
            page.load(port, CONSOLE);
            awaitPlot("Subscribers", "from 100 to 699");
        }
        page.awaitState("lost");
        assertTrue(page.state().startsWith("stream lost, trying again: "), page.state());
        assertTrue(plot("Subscribers").contains("from 100 to 699"), "the plots stay");
        try (var successor = console(port)) {
            page.awaitState("open");
            successor.publishSeconds(1, 5_000);
            awaitPlot("Subscribers", "from 100 to 5,000");
            assertEquals("live", page.state());
        }
    }

    @Test
    void theTableShowsChannelsAndTheBusiestOfAFamilyAndKeepsTheFocus() throws Exception {
        try (var console = console(0)) {
            long oldest = System.currentTimeMillis();
            page.load(console.port(), CONSOLE);
            console.publishChannels(
                    ConsoleStandIn.channel("/news", "1000 events")
                            .put("kept", 1000)
                            .put("oldestMillis", oldest),
                    ConsoleStandIn.channel("/orders/:id", "latest")
                            .put("read", "token")
                            .put("publish", false)
                            .put("members", 1812)
                            .put(
                                    "busiest",
                                    new JsonArray(
                                            "[{\"path\": \"/orders/42\", \"subscribers\": 2, \"publishedPerSecond\": 1}]")));
            page.await().until(driver -> texts(ROWS).size() == 3);
            assertTrue(
                    texts(ROWS)
                            .get(0)
                            .matches("/news 3 1\\.5 1,000 \\d\\d:\\d\\d:\\d\\d 1000 events anyone may read, publishing"
                                    + " needs a token"),
                    texts(ROWS).toString());
            assertEquals(
                    "/orders/:id 3 1.5 1,812 channels the latest event reading needs a token, no publishing over HTTP",
                    texts(ROWS).get(1));
            assertEquals("/orders/42 2 1 – –", texts(ROWS).get(2).strip());
            run("document.querySelector('#rows a').focus()");
            console.publishChannels(
                    ConsoleStandIn.channel("/first", "latest"),
                    ConsoleStandIn.channel("/news", "1000 events").put("subscribers", 4));
            page.await().until(driver -> texts(ROWS).size() == 2);
            assertEquals(
                    "/news 4 1.5 – – 1000 events anyone may read, publishing needs a token",
                    texts(ROWS).get(1));
            assertEquals("/news", run("return document.activeElement.textContent"));
        }
    }

    @Test
    void aChannelIsOpenedByTheKeyboardAndShowsItsNewestEventsLive() throws Exception {
        try (var console = console(0)) {
            console.publishChannels(
                    ConsoleStandIn.channel("/news", "1000 events").put("kept", 2));
            console.crier().publish("/console/log/news", "first <b>news</b>");
            console.crier()
                    .publish(new JsonObject()
                            .put("channel", "/console/log/news")
                            .put("event", "sold")
                            .put("data", "{\"item\":7,\"of\":[1,2]}"));
            page.load(console.port(), CONSOLE);
            page.await().until(driver -> texts(ROWS).size() == 1);
            run("document.querySelector('#rows a').focus()");
            page.browser().driver().switchTo().activeElement().sendKeys(Keys.ENTER);
            page.await().until(driver -> events().equals(List.of("{\"item\":7,\"of\":[1,2]}", "first <b>news</b>")));
            assertEquals("/news", run("return document.activeElement.textContent"), "the focus is on the heading");
            assertEquals("Crier console: /news", page.browser().driver().getTitle());
            console.crier().publish("/console/log/news", "third");
            page.await().until(driver -> events().get(0).equals("third"));

            var type = new org.openqa.selenium.support.ui.Select(element("[data-part=type]"));
            assertEquals(
                    List.of("all types", "no type", "sold"),
                    type.getOptions().stream().map(WebElement::getText).toList());
            type.selectByVisibleText("sold");
            assertEquals(List.of("{\"item\":7,\"of\":[1,2]}"), events());
            console.crier().publish("/console/log/news", "of another type");
            page.await().until(driver -> texts(EVENTS).size() == 4);
            assertEquals(1, events().size(), "the filter holds for new events");

            assertTrue(element("[data-part=script]")
                    .getDomProperty("textContent")
                    .endsWith("\nevents.addEventListener(\"sold\", (event) => console.log(event.data));"));

            element("[data-part=events] li:not([hidden]) summary").sendKeys(Keys.ENTER);
            awaitText("[data-part=events] details[open] pre", "{\n  \"item\": 7,\n  \"of\": [\n    1,\n    2\n  ]\n}");
            awaitText(
                    "[data-part=events] details[open] pre + p + pre",
                    "curl -H \"Authorization: Bearer $TOKEN\" --data-raw '{\"item\":7,\"of\":[1,2]}'"
                            + " 'http://localhost:3000/news?event=sold'");
            assertEquals(List.of(), page.browser().warningsAbout(":" + console.port() + "/"));
        }
    }

    /** JavaScript would round the first number and lose the second one. */
    @Test
    void anOpenedEventShowsItsValuesAsTheyWerePublished() throws Exception {
        try (var console = console(0)) {
            console.crier().publish("/console/log/news", "{\"id\":12345678901234567890,\"id\":[{}, \"{a: [1,2]}\"]}");
            openEvents(console, 1);
            element("[data-part=events] summary").click();
            awaitText(
                    "[data-part=events] details[open] pre",
                    "{\n  \"id\": 12345678901234567890,\n  \"id\": [\n    {},\n    \"{a: [1,2]}\"\n  ]\n}");
        }
    }

    @Test
    void aHugeEventIsShownInPart() throws Exception {
        try (var console = console(0)) {
            console.crier().publish("/console/log/news", "x".repeat(1_000_000));
            openEvents(console, 1);
            element("[data-part=events] summary").click();
            awaitText("[data-part=events] details[open]", "These are the first 200K characters.");
            assertEquals(200_000L, run("return document.querySelector('details[open] pre').textContent.length"));
            assertEquals(1L, run("return document.querySelectorAll('details[open] pre').length"), "no command of 1 MB");
        }
    }

    /** A busy channel would push it off the page in a moment. */
    @Test
    void anOpenedEventStaysWhileNewOnesAreHeldBack() throws Exception {
        try (var console = console(0)) {
            console.crier().publish("/console/log/news", "opened");
            openEvents(console, 1);
            element("[data-part=events] summary").click();
            for (int i = 0; i < 5; i++) {
                console.crier()
                        .publish(
                                "/console/log/news",
                                IntStream.range(0, 100)
                                        .mapToObj(n -> Event.of("event " + n))
                                        .toList());
            }
            page.await().until(driver -> element("[data-part=new]").getText().matches("Show \\d+ new"));
            assertTrue(element("[data-part=events] details[open]").isDisplayed());
            element("[data-part=new]").click();
            page.await().until(driver -> events().size() == 200);
            assertEquals("event 99", events().get(0));
        }
    }

    /** The types are chosen by publishers, so there may be any number of them. */
    @Test
    void theFilterOffersALimitedNumberOfTypes() throws Exception {
        try (var console = console(0)) {
            console.crier()
                    .publish(
                            "/console/log/news",
                            IntStream.range(0, 150)
                                    .mapToObj(i -> new Event("type" + i, "x"))
                                    .toList());
            openEvents(console, 150);
            assertEquals(101L, run("return document.querySelectorAll('[data-part=type] option').length"));
        }
    }

    private void openEvents(ConsoleStandIn console, int count) throws Exception {
        console.publishChannels(ConsoleStandIn.channel("/news", "1000 events").put("kept", count));
        openChannel(console, "/news");
        page.await().until(driver -> events().size() == count);
    }

    @Test
    void thePagePublishesAndKeepsTheTokenInItsFieldOnly() throws Exception {
        try (var console = console(0)) {
            console.publishChannels(
                    ConsoleStandIn.channel("/news", "1000 events").put("kept", 0));
            openChannel(console, "/news");
            element("#channel summary").click();
            element("#publish [name=token]").sendKeys("a-token-that-is-wrong");
            element("#publish [name=type]").sendKeys("sold");
            element("#publish textarea").sendKeys("it's 5 $ \\");
            assertEquals(
                    "curl -H \"Authorization: Bearer $TOKEN\" --data-raw 'it'\\''s 5 $ \\'"
                            + " 'http://localhost:3000/news?event=sold'",
                    element("[data-part=publish]").getText());
            element("#publish button").click();
            awaitText("[data-part=result]", "Crier does not know this token.");
            element("#publish [name=token]").clear();
            element("#publish [name=token]").sendKeys("a-token-in-“quotes”");
            element("#publish button").click();
            awaitText("[data-part=result]", "The token has a character that no token has.");
            element("#publish [name=token]").clear();
            element("#publish [name=token]").sendKeys(ConsoleStandIn.TOKEN);
            element("#publish button").click();
            awaitText("[data-part=result]", "published as ");
            page.await().until(driver -> events().equals(List.of("it's 5 $ \\")));
            element("[data-copy=publish]").click();
            page.await()
                    .until(driver ->
                            element("[data-copy=publish] + output").getText().matches("copied|selected: press Ctrl-C"));
            assertEquals(0L, run("return localStorage.length + sessionStorage.length + document.cookie.length"));
            assertFalse(page.browser().driver().getPageSource().contains(ConsoleStandIn.TOKEN));
            page.browser().driver().navigate().refresh();
            page.awaitState("open");
            element("#channel summary").click();
            assertEquals("", element("#publish [name=token]").getDomProperty("value"));
        }
    }

    @Test
    void theCommandsSubscribeToTheMainListener() throws Exception {
        try (var console = console(0)) {
            console.publishChannels(
                    ConsoleStandIn.channel("/news", "1000 events"),
                    ConsoleStandIn.channel("/price", "latest")
                            .put("read", "token")
                            .put("publish", false));
            openChannel(console, "/news");
            String command = "[data-part=subscribe]";
            page.await()
                    .until(driver -> element(command)
                            .getDomProperty("textContent")
                            .equals("curl -N 'http://localhost:3000/news?lastEventId=earliest'"));
            assertEquals(
                    "const events = new EventSource(\"http://localhost:3000/news\");\n"
                            + "events.onmessage = (event) => console.log(event.data);",
                    element("[data-part=script]").getDomProperty("textContent"));
            console.crier().publish("/console/log/price", "1");
            console.crier().publish("/console/log/price", "2");
            openChannel(console, "/price");
            page.await().until(driver -> events().equals(List.of("2")));
            console.crier().publish("/console/log/price", "3");
            page.await().until(driver -> events().equals(List.of("3")));
            assertFalse(element("[data-part=older]").isDisplayed(), "a latest channel has no history");
            assertEquals(
                    "curl -N -H \"Authorization: Bearer $TOKEN\" 'http://localhost:3000/price'",
                    element(command).getDomProperty("textContent"));
            element("#channel summary").click();
            assertFalse(element("#publish").isDisplayed());
        }
    }

    /** The oldest of them were dropped. The page must show each event once and in order, whatever it guesses about their times. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theHistoryIsScrolledBackToTheOldestKeptEvent(boolean isKnown) throws Exception {
        try (var console = console(0)) {
            List<Event> published = IntStream.range(0, 1_100)
                    .mapToObj(i -> Event.of("event " + i))
                    .toList();
            List<String> ids = console.crier().publish("/console/log/news", published);
            JsonObject row = ConsoleStandIn.channel("/news", "1000 events");
            console.publishChannels(
                    isKnown
                            ? row.put("kept", 1000)
                                    .put("oldestMillis", System.currentTimeMillis())
                                    .put("newest", ids.get(ids.size() - 1))
                            : row);
            openChannel(console, "/news");
            page.await().until(driver -> !events().isEmpty());
            assertEquals("event 1099", events().get(0));
            console.crier().publish("/console/log/news", "live");
            page.await().until(driver -> events().get(0).equals("live"));
            int clicks = 0;
            while (element("[data-part=older]").isDisplayed()) {
                int before = events().size();
                page.browser().driver().findElement(OLDER).click();
                clicks++;
                page.await()
                        .until(driver -> (events().size() > before
                                        || !element("[data-part=older]").isDisplayed())
                                && !run("return document.querySelector('[data-part=older]').disabled")
                                        .equals(true));
            }
            assertTrue(clicks >= 5, "pages: " + clicks);
            var expected = new ArrayList<>(
                    IntStream.range(101, 1_100).mapToObj(i -> "event " + i).toList());
            expected.add("live");
            Collections.reverse(expected);
            assertEquals(expected, events());
            assertEquals(
                    "These are all events that the channel keeps.",
                    element("[data-part=history]").getText());
            console.crier().publish("/console/log/news", "later");
            awaitText("[data-part=new]", "Show 1 new");
            element("[data-part=new]").click();
            page.await().until(driver -> events().get(0).equals("later"));
            assertEquals("live", events().get(1));
        }
    }

    @Test
    void anEndedChannelAndOneThatIsNotDeclaredAreNamedAsSuch() throws Exception {
        try (var console = console(0)) {
            console.publishChannels(
                    ConsoleStandIn.channel("/builds/:id", "10000 events").put("ends", true));
            console.crier().publish("/console/log/builds/7", "one");
            console.crier().end("/console/log/builds/7");
            openChannel(console, "/builds/7");
            page.await()
                    .withMessage(() -> events().toString() + element("#channel").getText())
                    .until(driver -> events().equals(List.of("The channel has ended.", "one")));
            assertEquals("The channel has ended.", element("[data-part=state]").getText());
            openChannel(console, "/none");
            awaitText("[data-part=state]", "No such channel is declared; trying again.");
            for (String path : List.of("/../../stats", "x")) {
                openChannel(console, path);
                awaitText("[data-part=state]", "This is not the path of a channel.");
            }
            openChannel(console, "//localhost/x");
            awaitText("[data-part=state]", "The path is not valid");
        }
    }

    @Test
    void withoutATokenThePageAsksForOne() throws Exception {
        try (var console = new ConsoleStandIn(folder, 0, "token")) {
            console.publishSeconds(2, 5);
            page.load(console.port(), CONSOLE);
            page.awaitState("locked");
            assertEquals("a token is needed", page.state());
            assertEquals(List.of(), new Axe().violations(page.browser()));
            WebElement token = page.browser().driver().switchTo().activeElement();
            assertEquals("Management token", token.getAccessibleName());
            token.sendKeys("a-token-that-is-wrong", Keys.ENTER);
            awaitText("#refusal", "Crier does not know this token.");
            page.browser().driver().manage().addCookie(new Cookie("crier_token", ConsoleStandIn.TOKEN));
            token.clear();
            token.sendKeys(ConsoleStandIn.TOKEN, Keys.ENTER);
            page.awaitState("open");
            awaitPlot("Subscribers", "subscribers 6");
            assertFalse(element("#login").isDisplayed());
        } finally {
            page.browser().driver().manage().deleteAllCookies();
        }
    }

    /** 640 pixels are a window of 1280 at a zoom of 200 %. */
    @ParameterizedTest
    @CsvSource({"1280, 800", "640, 400", "390, 844"})
    void axeFindsNothingAndThePageDoesNotScrollSideways(int width, int height) throws Exception {
        var axe = new Axe();
        page.browser().emulatePhone(width, height);
        try (var console = console(0)) {
            console.publishSeconds(60, 1);
            console.publish(List.of(ConsoleStandIn.stats(System.currentTimeMillis() + 1_000)
                    .put("redis", new JsonObject("{\"state\": \"connected\", \"delayMillis\": 1, \"nodes\": []}"))
                    .put("problems", new JsonArray().add("Redis is away."))));
            console.publishChannels(
                    ConsoleStandIn.channel("/news", "1000 events").put("kept", 2),
                    ConsoleStandIn.channel("/orders/:id", "latest")
                            .put("busiest", new JsonArray().add(new JsonObject().put("path", "/orders/42"))));
            console.crier().publish("/console/log/news", "{\"a\":\"" + "long".repeat(100) + "\"}");
            console.crier().publish("/console/log/news", "word".repeat(100));
            for (String scheme : List.of("dark", "light")) {
                page.browser().preferColorScheme(scheme);
                page.load(console.port(), CONSOLE + "?" + scheme);
                awaitPlot("Redis delay", "delay 1 ms");
                page.await().until(driver -> texts(ROWS).size() == 3);
                assertFits(width);
                assertEquals(
                        true,
                        run("return [...document.querySelectorAll('#rows tr')].every((row) => row.offsetHeight < 50)"),
                        "each row is one line");
                assertEquals(List.of(), axe.violations(page.browser()));
                openChannel(console, "/news");
                page.await().until(driver -> events().size() == 2);
                run("document.querySelectorAll('details').forEach((each) => (each.open = true))");
                assertFits(width);
                assertEquals(List.of(), axe.violations(page.browser()));
            }
        }
    }

    private static void assertFits(int width) {
        assertEquals((long) width, run("return document.documentElement.scrollWidth"));
    }

    /** A browser has six connections for a site, and a page in the back-forward cache keeps its connections. */
    @Test
    void theConsoleInTheBackForwardCacheUsesNoConnectionAndGoesOnWhenShown() throws Exception {
        try (var console = console(0)) {
            console.publishSeconds(10, 1);
            console.publishChannels(ConsoleStandIn.channel("/news", "1000 events"));
            openChannel(console, "/news");
            Eventually.until("three streams", () -> console.crier().subscribers() == 3);
            run("window.visit = 1");
            page.load(console.port(), "/console/console.css");
            Eventually.until("no stream", () -> console.crier().subscribers() == 0);
            page.browser().driver().navigate().back();
            console.crier().publish("/console/log/news", "after");
            page.await()
                    .withMessage(() -> element("#channel").getText())
                    .until(driver -> events().equals(List.of("after")));
            assertEquals(1L, run("return window.visit"), "the page comes from the cache");
        }
    }

    @Test
    void aHiddenTabUsesNoConnectionAndMissesNothing() throws Exception {
        try (var console = console(0)) {
            console.publishSeconds(10, 1);
            console.crier().publish("/console/log/news", "before");
            openEvents(console, 1);
            Eventually.until("three streams", () -> console.crier().subscribers() == 3);
            var driver = page.browser().driver();
            String tab = driver.getWindowHandle();
            driver.switchTo().newWindow(WindowType.TAB);
            try {
                Eventually.until("no stream", () -> console.crier().subscribers() == 0);
                console.crier().publish("/console/log/news", "meanwhile");
                console.publish(List.of(
                        ConsoleStandIn.stats(System.currentTimeMillis() + 1_000).put("subscribers", 77)));
            } finally {
                driver.close();
                driver.switchTo().window(tab);
            }
            page.await().until(shown -> events().equals(List.of("meanwhile", "before")));
            run("location.hash = ''");
            awaitPlot("Subscribers", "subscribers from 1 to 77");
        }
    }
}
