package dev.crier.http.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticPagesTest {

    private static final String SECRET = "a text outside the served files";

    @TempDir
    private Path folder;

    private RunningCrier crier;
    private WebClient web;

    @BeforeEach
    void start() throws Exception {
        Path webroot = Files.createDirectories(folder.resolve("webroot/.git")).getParent();
        for (String file : new String[] {"secret.txt", "webroot/.env", "webroot/.git/config"}) {
            Files.writeString(folder.resolve(file), SECRET);
        }
        for (String file : new String[] {"index.html", "index.js", "index.css", "favicon.svg"}) {
            Files.copy(Path.of("webroot", file), webroot.resolve(file));
        }
        Files.writeString(webroot.resolve("data.unknown"), "0123456789");
        crier = new RunningCrier(new JsonObject().put("webroot", webroot.toString()));
        web = WebClient.create(crier.vertx());
    }

    @AfterEach
    void stop() throws Exception {
        web.close();
        crier.close();
    }

    private HttpResponse<Buffer> get(String path) throws Exception {
        return RunningCrier.await(web.get(crier.port(), "127.0.0.1", path).send());
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html;charset=UTF-8",
        "/index.html, text/html;charset=UTF-8",
        "/index.js, text/javascript;charset=UTF-8",
        "/index.css, text/css;charset=UTF-8",
        "/favicon.svg, image/svg+xml"
    })
    void aFileIsServedWithItsTypeAndTheSecurityHeaders(String path, String type) throws Exception {
        var answer = get(path);
        assertEquals(200, answer.statusCode());
        assertEquals(type, answer.getHeader("Content-Type"));
        assertEquals("nosniff", answer.getHeader("X-Content-Type-Options"));
        assertEquals("DENY", answer.getHeader("X-Frame-Options"));
        assertEquals("no-referrer", answer.getHeader("Referrer-Policy"));
        String policy = answer.getHeader("Content-Security-Policy");
        assertTrue(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), policy);
        assertFalse(policy.contains("unsafe"), policy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/index.js", "/favicon.svg", "/data.unknown"})
    void aHeadRequestGetsTheHeadersOfTheWholeFile(String path) throws Exception {
        List<String> expected = head("GET " + path);
        for (String range : new String[] {"", "bytes=0-9", "bytes=100000000-"}) {
            assertEquals(expected, head("HEAD " + path, "Range: " + range), range);
        }
    }

    /** Returns the head of the response without the date, in order of the lines. */
    private List<String> head(String request, String... headers) throws Exception {
        try (var client = RawClient.request(crier.port(), request, headers)) {
            return client.head().stream()
                    .filter(line -> !line.startsWith("date: "))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void anUnchangedFileIsNotSentAgain() throws Exception {
        var first = get("/index.js");
        assertEquals("no-cache", first.getHeader("Cache-Control"));
        var second = RunningCrier.await(web.get(crier.port(), "127.0.0.1", "/index.js")
                .putHeader("If-Modified-Since", first.getHeader("Last-Modified"))
                .send());
        assertEquals(304, second.statusCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/.env",
                "/.git/config",
                "/.git/",
                "/%2eenv",
                "/%2Egit/config",
                "/x/../.env",
                "/../secret.txt",
                "/..%2fsecret.txt",
                "/%2e%2e/secret.txt",
                "/%2e%2e%2fsecret.txt",
                "/..%5csecret.txt",
                "/..\\secret.txt",
                "/x/..%2f..%2fsecret.txt",
                "//../secret.txt",
                "/....//secret.txt",
                "/%252e%252e/secret.txt",
                "/index.html%00.txt",
                "/..;/secret.txt"
            })
    void hiddenFilesAndFilesOutsideTheFolderAreNotServed(String path) throws Exception {
        try (var client = RawClient.request(crier.port(), "GET " + path, "Connection: close")) {
            String answer = client.rest();
            assertFalse(answer.contains(SECRET), answer);
            assertTrue(answer.startsWith("HTTP/1.1 404") || answer.startsWith("HTTP/1.1 400"), answer);
        }
    }

    @Test
    void aLinkThatLeadsOutOfTheFolderIsNotFollowed() throws Exception {
        Files.createSymbolicLink(folder.resolve("webroot/link.txt"), folder.resolve("secret.txt"));
        Files.createSymbolicLink(folder.resolve("webroot/up"), folder);
        Files.createSymbolicLink(folder.resolve("webroot/same.js"), folder.resolve("webroot/index.js"));
        assertEquals(404, get("/link.txt").statusCode());
        assertEquals(404, get("/up/secret.txt").statusCode());
        assertEquals(200, get("/same.js").statusCode());
    }

    /** The opened path must be the checked one. Vert.x treats a backslash as a slash and a folder as its index page. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/link.txt",
                "/%5clink.txt",
                "/%5Clink.txt",
                "/sub%5clink.txt",
                "/sub%5c",
                "/sub/",
                "/sub/index.html",
                "/up%5csecret.txt",
                "/hidden.txt",
                "/pipe"
            })
    void noSpellingOfAPathLeadsOutOfTheFolder(String path) throws Exception {
        Path webroot = folder.resolve("webroot");
        Files.createDirectories(webroot.resolve("sub"));
        Path secret = folder.resolve("secret.txt");
        Files.createSymbolicLink(webroot.resolve("link.txt"), secret);
        Files.createSymbolicLink(webroot.resolve("up"), folder);
        Files.createSymbolicLink(webroot.resolve("sub/link.txt"), secret);
        Files.createSymbolicLink(webroot.resolve("sub/index.html"), secret);
        Files.createSymbolicLink(webroot.resolve("hidden.txt"), webroot.resolve(".env"));
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", webroot.resolve("pipe").toString())
                        .start()
                        .waitFor());
        try (var client = RawClient.request(crier.port(), "GET " + path, "Connection: close")) {
            String answer = client.rest();
            assertFalse(answer.contains(SECRET), answer);
            assertTrue(answer.startsWith("HTTP/1.1 404"), answer);
        }
    }

    @ParameterizedTest
    @CsvSource({"POST, /, 405", "PUT, /index.js, 405", "POST, /nothing, 404", "DELETE, /link.txt, 404"})
    void aFileSupportsOnlyGetAndHead(String method, String path, int status) throws Exception {
        Files.createSymbolicLink(folder.resolve("webroot/link.txt"), folder.resolve("secret.txt"));
        var answer = RunningCrier.await(web.request(HttpMethod.valueOf(method), crier.port(), "127.0.0.1", path)
                .sendBuffer(Buffer.buffer("x")));
        assertEquals(status, answer.statusCode());
        assertEquals(status == 405 ? "GET, HEAD" : null, answer.getHeader("Allow"));
    }

    @Test
    void aFolderIsNotListed() throws Exception {
        Files.createDirectories(folder.resolve("webroot/sub"));
        var answer = get("/sub/");
        assertEquals(404, answer.statusCode());
    }
}
