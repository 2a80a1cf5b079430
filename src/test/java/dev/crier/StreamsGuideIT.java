package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crier.testing.Eventually;
import dev.crier.testing.Page;
import dev.crier.testing.Ports;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.StreamParser;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;

/**
 * Runs the commands and programs of {@code docs/streams.md} as they are there, except for ports, the URL of another server, and
 * the program that builds.
 */
class StreamsGuideIT {

    private static final Path GUIDE = Path.of("docs", "streams.md");
    private static final Path MODEL_SERVER = Path.of("src", "test", "guide", "model-server.mjs");
    private static final Pattern BLOCK = Pattern.compile("^```\\w+\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern CONFIGURATION = Pattern.compile("-conf '([^']*)'");
    private static final Pattern MODEL_URL = Pattern.compile("http://localhost:\\d+/v1/chat/completions");
    private static final String TOKEN = "a-secret-of-my-own";

    @TempDir
    private Path folder;

    private final List<Process> processes = new ArrayList<>();
    private RunningCrier crier;

    @BeforeAll
    static void findPrograms() {
        for (String program : List.of("bash", "curl", "make", "node")) {
            boolean isInstalled = Pattern.compile(Pattern.quote(File.pathSeparator))
                    .splitAsStream(System.getenv("PATH"))
                    .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
            assumeTrue(isInstalled || Boolean.parseBoolean(System.getenv("CI")), "not installed: " + program);
        }
    }

    @BeforeEach
    void start() throws Exception {
        String configuration = CONFIGURATION
                .matcher(block("-conf"))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        crier = new RunningCrier(new JsonObject(configuration)
                .put("retry", "PT0.1S")
                .put("publish", new JsonObject().put("tokens", new JsonArray().add(TOKEN))));
    }

    @AfterEach
    void stop() throws Exception {
        processes.forEach(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
        processes.forEach(Process::destroyForcibly);
        crier.close();
    }

    /** Returns the block of the guide that has this text, for the Crier of this test. */
    private String block(String text) throws IOException {
        List<String> blocks = BLOCK.matcher(Files.readString(GUIDE))
                .results()
                .map((MatchResult block) -> block.group(1))
                .filter(block -> block.contains(text))
                .toList();
        assertEquals(1, blocks.size(), "blocks with " + text);
        return crier == null ? blocks.get(0) : blocks.get(0).replace("localhost:3000", "localhost:" + crier.port());
    }

    /** Starts a shell that runs these commands. */
    private Process shell(String name, String commands) throws IOException {
        Process process = new ProcessBuilder("bash", "-c", commands)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output(name).toFile())
                .start();
        processes.add(process);
        return process;
    }

    private Path output(String name) {
        return folder.resolve(name + ".out");
    }

    /** Returns what the process of this name has written. */
    private String written(String name) {
        try {
            return Files.readString(output(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int exitStatus(Process process, String name) throws Exception {
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), () -> name + " still runs: " + written(name));
        return process.exitValue();
    }

    /** Runs the commands to their end, which must be successful, and returns what they have written. */
    private String run(String name, String commands) throws Exception {
        assertEquals(0, exitStatus(shell(name, commands), name), () -> written(name));
        return written(name);
    }

    /** Returns the JSON object that curl shows, after its progress meter. */
    private static JsonObject answer(String output) {
        return new JsonObject(output.substring(output.indexOf("{\"")));
    }

    /** Writes a build whose recipe has these lines. */
    private void makefile(String... recipe) throws IOException {
        Files.writeString(folder.resolve("Makefile"), "all:\n\t@" + String.join("\n\t@", recipe) + "\n");
    }

    /** Reads a channel up to its end. Returns the data of its events, and then that of the end. */
    private List<String> read(String channel) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://localhost:" + crier.port() + channel))
                .timeout(Duration.ofSeconds(30))
                .build();
        String stream = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
        return StreamParser.parse(stream).stream()
                .filter(event -> !event.type().equals("crier.start"))
                .map(StreamParser.Fired::data)
                .toList();
    }

    private void awaitEvent(String channel, String data) throws Exception {
        shell("reader", "curl -sN localhost:" + crier.port() + channel);
        Eventually.until(
                () -> "the event " + data + " arrives: " + written("reader"),
                () -> written("reader").contains("data: " + data + "\n"));
    }

    private static String end(String reason) {
        return "{\"reason\":\"" + reason + "\"}";
    }

    @Test
    void aBuildIsPublishedLineByLineAndItsReaderLeavesAtTheEnd() throws Exception {
        makefile("echo compile", "while [ ! -e compiled ]; do sleep 0.01; done", "echo warning >&2", "echo link");
        Process reader = shell("reader", block("curl -N localhost:3000/builds/7"));
        Process build = shell("build", block("builds/7?lines&end"));
        Eventually.until("the first line arrives", () -> written("reader").contains("data: compile\n"));
        Files.createFile(folder.resolve("compiled"));
        assertEquals(0, exitStatus(build, "build"));
        assertEquals(3, answer(written("build")).getInteger("count"));
        assertEquals(0, exitStatus(reader, "reader"));
        assertEquals(List.of("compile", "warning", "link", end("ended")), read("/builds/7"));
    }

    @Test
    void theStreamOfAnotherServerIsPipedIn() throws Exception {
        makefile("printf 'one\\n\\n three\\n'");
        run("build", block("builds/7?lines&end"));
        String piped = block("https://example.com/stream")
                .replace("https://example.com/stream", "localhost:" + crier.port() + "/builds/7");
        assertEquals(3, answer(run("pipe", piped)).getInteger("count"));
        assertEquals(List.of("one", "", " three", end("ended")), read("/runs/42"));
    }

    @Test
    void aRequestWithoutABodyEndsAChannel() throws Exception {
        run("end", block("builds/8?end"));
        assertEquals(List.of(end("ended")), read("/builds/8"));
    }

    @Test
    void aBuildThatIsSentAgainIsStoredOnce() throws Exception {
        makefile("echo compile", "echo link");
        JsonObject first = answer(run("build", block("tee -p build.log")));
        assertEquals(2, first.getInteger("count"));
        assertEquals(first, answer(run("again", block("-T build.log"))));
        assertEquals(List.of("compile", "link", end("ended")), read("/builds/9"));
        Files.writeString(folder.resolve("build.log"), "compile\nother\n");
        assertEquals(422, answer(run("other", block("-T build.log"))).getInteger("status"));
    }

    @Test
    void aBuildThatIsSentAgainAfterItsConnectionBrokeIsStoredOnce() throws Exception {
        breakOff("/builds/9");
        Files.writeString(folder.resolve("build.log"), "compile\nlink\n");
        assertEquals(2, answer(run("again", block("-T build.log"))).getInteger("count"));
        assertEquals(List.of("compile", "link", end("ended")), read("/builds/9"));
    }

    @Test
    void aBuildGoesOnWhenItsCurlFailsAndIsThenSent() throws Exception {
        makefile("echo compile", "while [ ! -e left ]; do sleep 0.01; done", "echo link", "echo test");
        String publish = block("tee -p build.log").strip();
        assertTrue(publish.contains("| curl "), publish);
        run(
                "build",
                publish.replace("localhost:" + crier.port(), "localhost:" + Ports.free())
                                .replace("| curl ", "| { curl ")
                        + "; touch left; }");
        assertEquals("compile\nlink\ntest\n", Files.readString(folder.resolve("build.log")));
        assertEquals(3, answer(run("again", block("-T build.log"))).getInteger("count"));
        assertEquals(List.of("compile", "link", "test", end("ended")), read("/builds/9"));
    }

    @Test
    void aChannelThatEndsWithItsProducerRefusesARetry() throws Exception {
        breakOff("/runs/9");
        assertEquals(List.of("compile", end("producerGone")), read("/runs/9"));
        Files.writeString(folder.resolve("build.log"), "compile\nlink\n");
        String retry = block("-T build.log").replace("/builds/9", "/runs/9");
        assertEquals(409, answer(run("again", retry)).getInteger("status"));
        assertEquals(List.of("compile", end("producerGone")), read("/runs/9"));
    }

    /** Publishes the first line of a build, and breaks the connection. */
    private void breakOff(String channel) throws Exception {
        try (var producer = RawClient.request(
                crier.port(),
                "POST " + channel + "?lines&end",
                "Authorization: Bearer " + TOKEN,
                "Idempotency-Key: build-9",
                "Transfer-Encoding: chunked")) {
            producer.send("8\r\ncompile\n\r\n");
            awaitEvent(channel, "compile");
        }
    }

    /** The producer writes nothing more until its curl has left. Without {@code -T .}, that curl would wait for a line. */
    @Test
    void aProducerLearnsThatItsChannelWasStopped() throws Exception {
        makefile("echo compile", "while [ ! -e left ]; do sleep 0.01; done");
        String producer =
                block("builds/7?lines&end").replace("builds/7", "runs/42").strip();
        assertTrue(producer.contains("| curl -X POST -T - "), producer);
        Process stopped = shell(
                "producer", producer.replace("| curl -X POST -T - ", "| { curl -X POST -T . ") + "; touch left; }");
        awaitEvent("/runs/42", "compile");
        run("stop", block("-X DELETE"));
        assertEquals(0, exitStatus(stopped, "producer"));
        assertEquals(409, answer(written("producer")).getInteger("status"));
        assertEquals(List.of("compile", end("stopped")), read("/runs/42"));
    }

    @Test
    void theReaderOfTheGuideStopsAtTheEnd() throws Exception {
        try (var page = new Page()) {
            page.load(crier.port(), "/run.html");
            page.browser().run("document.body.textContent = ''");
            page.browser().run(block("new EventSource") + "window.run = run;");
            publish("/runs/42", "two ");
            publish("/runs/42?end", "words");
            page.await().until(driver -> page.text(By.tagName("body")).equals("two words [ended]"));
            page.await()
                    .until(driver -> page.browser().run("return run.readyState").equals(2L));
            assertEquals("two words [ended]", page.text(By.tagName("body")));
        }
    }

    private void publish(String target, String data) throws IOException {
        try (var client = RawClient.publish(crier.port(), target, TOKEN, data)) {
            assertEquals("HTTP/1.1 201 Created", client.head().get(0));
        }
    }

    /** Starts the model's server, and a program of the guide that publishes its answer. */
    private Process startProgram(String pause, String... options) throws Exception {
        shell(
                "model",
                "exec node '%s' 0 %s %s".formatted(MODEL_SERVER.toAbsolutePath(), pause, String.join(" ", options)));
        Eventually.until(
                () -> written("model"),
                () -> MODEL_URL.matcher(written("model")).find());
        Matcher url = MODEL_URL.matcher(written("model"));
        assertTrue(url.find());
        Files.writeString(folder.resolve("answer.mjs"), block("process.argv"));
        return shell("program", block("node answer.mjs").replaceFirst(MODEL_URL.pattern(), url.group()));
    }

    @Test
    void theAnswerOfAModelIsPublishedAsItIs() throws Exception {
        assertEquals(0, exitStatus(startProgram("1"), "program"), () -> written("program"));
        List<String> events = read("/runs/43");
        assertTrue(events.size() > 10, "one event for each word: " + events);
        String text = """
                You ask: Why is the sky blue?

                I am only a stand-in ☃, and write <b>some</b> words,
                  one at a time.""";
        assertEquals(text + end("ended"), String.join("", events));
    }

    @Test
    void theModelStopsWhenItsAnswerIsStopped() throws Exception {
        Process program = startProgram("100");
        awaitEvent("/runs/43", "ask: ");
        run("stop", block("-X DELETE").replace("/runs/42", "/runs/43"));
        assertEquals(1, exitStatus(program, "program"));
        assertTrue(written("program").startsWith("409 "), written("program"));
        Eventually.until("the model stops", () -> written("model").contains("interrupted"));
        List<String> events = read("/runs/43");
        assertEquals(end("stopped"), events.get(events.size() - 1));
    }

    @Test
    void anAnswerThatBreaksOffIsNotShownAsComplete() throws Exception {
        assertEquals(1, exitStatus(startProgram("1", "cut"), "program"));
        assertTrue(written("program").contains("the model's answer is incomplete"), written("program"));
        List<String> events = read("/runs/43");
        assertEquals(11, events.size(), events.toString());
        assertEquals(end("producerGone"), events.get(10));
    }

    @Test
    void aProgramThatIsKilledEndsTheChannel() throws Exception {
        Process program = startProgram("100");
        awaitEvent("/runs/43", "ask: ");
        program.descendants().forEach(ProcessHandle::destroyForcibly);
        program.destroyForcibly();
        List<String> events = read("/runs/43");
        assertEquals(end("producerGone"), events.get(events.size() - 1));
    }
}
