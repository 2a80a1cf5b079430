import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Creates the class data archive, with which the jar starts faster. Runs the jar, requests a page, publishes, subscribes and
 * reads the metrics, and records the classes that are loaded meanwhile. Then a second virtual machine writes them to the
 * archive, because a virtual machine that records and writes at once leaves out the classes of old libraries, such as the
 * command line's.
 *
 * <p>The build runs this file from source. The arguments are the path of the jar and the path of the archive.
 */
final class Archive {

    private static final int TIMEOUT_SECONDS = 60;
    private static final String TOKEN = "a-token-for-the-build";
    private static final String CONF = "{\"port\": 0, \"host\": \"127.0.0.1\", \"publish\": {\"tokens\": [\"" + TOKEN
            + "\"]}, \"management\": {\"port\": 0}, \"channels\": {\"/news\": {\"keep\": {\"events\": 10}, \"publish\": true}}}";
    private static final Pattern HEALTH = Pattern.compile("(http://\\S+)/health");
    private static final Pattern READY = Pattern.compile("Crier is ready: (http://.+)/");

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Archive() {}

    public static void main(String[] args) throws Exception {
        Path jar = Path.of(args[0]).toAbsolutePath();
        Path archive = Path.of(args[1]).toAbsolutePath();
        Files.deleteIfExists(archive);
        Path classes = Files.createTempFile("crier", ".classes");
        try {
            record(jar, classes);
            write(jar, classes, archive);
        } catch (IOException | UncheckedIOException e) {
            System.err.println(
                    "[ERROR] The class data archive cannot be created, because Crier does not run: " + e.getMessage());
            System.exit(1);
        } finally {
            Files.delete(classes);
        }
        if (!Files.exists(archive)) {
            System.out.println(
                    "[WARNING] This virtual machine creates no class data archive. Crier runs without it, but starts slower");
        }
    }

    private static void record(Path jar, Path classes) throws Exception {
        Process crier = java("-XX:DumpLoadedClassList=" + classes, "-jar", jar.toString(), "-conf", CONF);
        try (BufferedReader output = crier.inputReader()) {
            String management = url(HEALTH, output);
            use(url(READY, output), management);
            // Process.destroy would close the output, which must be read to its end
            crier.toHandle().destroy();
            output.lines().forEach(line -> {});
            crier.waitFor();
        } finally {
            crier.destroyForcibly();
        }
    }

    private static void write(Path jar, Path classes, Path archive) throws Exception {
        Process dump = java(
                "-Xshare:dump",
                "-XX:SharedClassListFile=" + classes,
                "-XX:SharedArchiveFile=" + archive,
                "-jar",
                jar.toString());
        try (BufferedReader output = dump.inputReader()) {
            output.lines().forEach(line -> {});
            dump.waitFor();
        } finally {
            dump.destroyForcibly();
        }
    }

    /** Starts a virtual machine that ignores options for archives if it knows none, and logs nothing about classes. */
    private static Process java(String... arguments) throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+IgnoreUnrecognizedVMOptions");
        command.add("-Xlog:disable");
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("CRIER_PUBLISH_TOKEN");
        Process process = builder.start();
        // every wait here is for this process, so its end ends them all
        CompletableFuture.delayedExecutor(TIMEOUT_SECONDS, TimeUnit.SECONDS).execute(process::destroyForcibly);
        return process;
    }

    private static String url(Pattern pattern, BufferedReader output) throws IOException {
        var lines = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher url = pattern.matcher(line);
            if (url.find()) {
                return url.group(1);
            }
            lines.append(line).append(' ');
        }
        throw new IOException(lines.isEmpty() ? "it printed nothing" : lines.toString());
    }

    private static void use(String url, String management) throws Exception {
        CLIENT.send(request(management + "/metrics").build(), BodyHandlers.discarding());
        CLIENT.send(request(url + "/").build(), BodyHandlers.discarding());
        CLIENT.send(
                request(url + "/news")
                        .header("Authorization", "Bearer " + TOKEN)
                        .POST(HttpRequest.BodyPublishers.ofString("Hello"))
                        .build(),
                BodyHandlers.discarding());
        read(url + "/news?lastEventId=earliest", 1);
        // the third event comes more than a second after the first, when every periodic task has run
        read(url + "/currentTime", 3);
    }

    private static void read(String url, int events) throws Exception {
        var request = request(url).header("Accept", "text/event-stream").build();
        try (var lines = CLIENT.send(request, BodyHandlers.ofLines()).body()) {
            List<String> data =
                    lines.filter(line -> line.startsWith("data:")).limit(events).toList();
            if (data.size() < events) {
                throw new IOException(url + " ended after " + data);
            }
        }
    }

    private static HttpRequest.Builder request(String url) {
        return HttpRequest.newBuilder(URI.create(url));
    }
}
