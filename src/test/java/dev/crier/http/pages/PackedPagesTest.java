package dev.crier.http.pages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.Webroot;
import dev.crier.http.Problem;
import dev.crier.metrics.Metrics;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pages in the jar. No file is opened for them, so there are no downloads to limit. */
class PackedPagesTest {

    private final Vertx vertx = Vertx.vertx();
    private WebClient web;
    private int port;

    @BeforeEach
    void start() throws Exception {
        Router router = Router.router(vertx);
        Problem.mount(router, Metrics.NONE);
        StaticPages.mount(router, new Webroot(Webroot.PACKED, true), null);
        port = RunningCrier.await(
                        vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"))
                .actualPort();
        web = WebClient.create(vertx);
    }

    @AfterEach
    void stop() throws Exception {
        RunningCrier.await(vertx.close());
    }

    private HttpResponse<Buffer> ask(HttpMethod method, String path, String... header) throws Exception {
        var request = web.request(method, port, "127.0.0.1", path);
        if (header.length > 0) {
            request.putHeader(header[0], header[1]);
        }
        return RunningCrier.await(request.send());
    }

    @ParameterizedTest
    @CsvSource({
        "/, index.html, text/html;charset=UTF-8",
        "/index.html, index.html, text/html;charset=UTF-8",
        "/crier.js, crier.js, text/javascript;charset=UTF-8",
        "/news.js, news.js, text/javascript;charset=UTF-8",
        "/index.css, index.css, text/css;charset=UTF-8",
        "/favicon.svg, favicon.svg, image/svg+xml"
    })
    void aPageIsServedRepeatedly(String path, String file, String type) throws Exception {
        byte[] content = Files.readAllBytes(Path.of("webroot", file));
        for (int i = 0; i < 3; i++) {
            var answer = ask(HttpMethod.GET, path);
            assertEquals(200, answer.statusCode());
            assertEquals(type, answer.getHeader("Content-Type"));
            assertEquals("no-cache", answer.getHeader("Cache-Control"));
            assertEquals("nosniff", answer.getHeader("X-Content-Type-Options"));
            assertEquals(Buffer.buffer(content), answer.body());
        }
        var head = ask(HttpMethod.HEAD, path);
        assertEquals(200, head.statusCode());
        assertEquals(String.valueOf(content.length), head.getHeader("Content-Length"));
        assertNull(head.body());
    }

    @Test
    void aPageWithAKnownTagIsNotModified() throws Exception {
        String tag = ask(HttpMethod.GET, "/index.js").getHeader("ETag");
        assertTrue(tag.matches("\"[0-9a-f]{16}\""), tag);
        for (String known : new String[] {tag, "W/" + tag, "\"other\", " + tag, "*"}) {
            var answer = ask(HttpMethod.GET, "/index.js", "If-None-Match", known);
            assertEquals(304, answer.statusCode(), known);
            assertEquals(tag, answer.getHeader("ETag"));
        }
        assertEquals(
                200,
                ask(HttpMethod.GET, "/index.js", "If-None-Match", "\"other\"").statusCode());
        assertFalse(tag.equals(ask(HttpMethod.GET, "/index.css").getHeader("ETag")));
    }

    @Test
    void aPageSupportsOnlyGetAndHead() throws Exception {
        var answer = ask(HttpMethod.POST, "/news.html");
        assertEquals(405, answer.statusCode());
        assertEquals("GET, HEAD", answer.getHeader("Allow"));
        assertEquals(404, ask(HttpMethod.POST, "/nothing").statusCode());
    }

    @Test
    void onlyThePagesOfTheJarAreServed() throws Exception {
        assertEquals(404, ask(HttpMethod.GET, "/%5cindex.js").statusCode());
        assertEquals(404, ask(HttpMethod.GET, "/dev/crier/Main.class").statusCode());
    }
}
