package dev.crier.transport.strict;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link StrictHttpHandlerTest} has the requests that Netty's decoder rejects by itself. */
class RequestSyntaxTest {

    private static final String HOST_ERROR = "The Host header is not a host with an optional port.";
    private static final String TARGET_ERROR = "The request target is neither a path nor an http URL.";

    private static DefaultHttpRequest request(HttpMethod method, String target, String host) {
        var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target);
        request.headers().add("Host", host);
        return request;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a:80", "a:", "a.b-c_d~e", "127.0.0.1:3000", "[::1]", "[::1]:80", "%41"})
    void aHostWithAnOptionalPortIsAccepted(String host) {
        assertEquals(Optional.empty(), RequestSyntax.error(request(HttpMethod.GET, "/", host)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a/b", "a@b", "a:b", "a:1:2", "[::1", "::1", "a?b", "a#b", "%zz", "\u00e4"})
    void anInvalidHostIsRejected(String host) {
        assertEquals(Optional.of(HOST_ERROR), RequestSyntax.error(request(HttpMethod.GET, "/", host)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a?b=c", "/a//b", "http://a", "http://a/", "HTTPS://a:1/b?c", "http://a?b"})
    void aPathOrAnHttpUrlIsATarget(String target) {
        assertEquals(Optional.empty(), RequestSyntax.error(request(HttpMethod.POST, target, "a")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "*", "?a", "/a#b", "/a\u0000", "/\u007f", "http:/a", "http:///a", "ftp://a/"})
    void anInvalidTargetIsRejected(String target) {
        assertEquals(Optional.of(TARGET_ERROR), RequestSyntax.error(request(HttpMethod.POST, target, "a")));
    }

    @Test
    void onlyOptionsMayAskForTheWholeServer() {
        assertEquals(Optional.empty(), RequestSyntax.error(request(HttpMethod.OPTIONS, "*", "a")));
        assertEquals(Optional.of(TARGET_ERROR), RequestSyntax.error(request(HttpMethod.GET, "*", "a")));
    }

    @ParameterizedTest
    @CsvSource({
        "chunked, true",
        "CHUNKED, true",
        "'chunked, chunked', false",
        "gzip, false",
        "xchunked, false",
        "'', false"
    })
    void theOnlyTransferCodingIsChunked(String coding, boolean accepted) {
        var request = request(HttpMethod.POST, "/", "a");
        request.headers().add("Transfer-Encoding", coding);
        assertEquals(accepted, RequestSyntax.error(request).isEmpty());
    }

    @Test
    void http11NeedsExactlyOneHost() {
        var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
        String error = "The request does not have exactly one Host header.";
        assertEquals(Optional.of(error), RequestSyntax.error(request));
        request.setProtocolVersion(HttpVersion.HTTP_1_0);
        assertEquals(Optional.empty(), RequestSyntax.error(request));
        request.headers().add("Host", "a").add("Host", "a");
        assertEquals(Optional.of(error), RequestSyntax.error(request));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.2", "HTTP/2.0", "HTTP/0.9"})
    void otherVersionsAreRejected(String version) {
        var request = request(HttpMethod.GET, "/", "a");
        request.setProtocolVersion(HttpVersion.valueOf(version));
        assertEquals(Optional.of("The protocol is not HTTP/1.1 or HTTP/1.0."), RequestSyntax.error(request));
    }
}
