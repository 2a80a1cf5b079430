package dev.crier.transport.strict;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The syntax of a request head, as far as Netty's decoder does not check it. */
public final class RequestSyntax {

    /** RFC 3986, 3.2.2, without the addresses of future versions. */
    private static final Pattern HOST =
            Pattern.compile("(?:\\[[0-9A-Fa-f:.]++]|(?:[0-9A-Za-z._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*+)(?::[0-9]*+)?");

    /** Absolute form (RFC 9112, 3.2.2), which names a host. */
    private static final Pattern ABSOLUTE = Pattern.compile("https?://[^/?#]++(?:[/?].*)?", Pattern.CASE_INSENSITIVE);

    /** The failure of a malformed request. The message is a sentence that quotes nothing of the request. */
    static final class MalformedRequestException extends IllegalArgumentException {

        private static final long serialVersionUID = 1;

        MalformedRequestException(String sentence) {
            super(sentence);
        }

        /** Records no stack trace, because this is a response to a client, not a failure of Crier. */
        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    private RequestSyntax() {}

    /** Returns what is wrong with the head of an HTTP/1.x request, in a sentence; empty if nothing is. */
    static Optional<String> error(HttpRequest request) {
        HttpVersion version = request.protocolVersion();
        HttpHeaders headers = request.headers();
        if (version != HttpVersion.HTTP_1_1 && version != HttpVersion.HTTP_1_0) {
            return Optional.of("The protocol is not HTTP/1.1 or HTTP/1.0.");
        }
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING) && !isChunked(headers)) {
            return Optional.of("Transfer-Encoding is not exactly \"chunked\".");
        }
        // Netty reads 8 more bytes as the body of such a request, as an old draft of WebSockets required
        if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY1)
                && headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY2)) {
            return Optional.of("Crier does not support WebSockets.");
        }
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1 || hosts.isEmpty() && version == HttpVersion.HTTP_1_1) {
            return Optional.of("The request does not have exactly one Host header.");
        }
        if (!hosts.isEmpty() && !HOST.matcher(hosts.get(0)).matches()) {
            return Optional.of("The Host header is not a host with an optional port.");
        }
        if (!isTarget(request)) {
            return Optional.of("The request target is neither a path nor an http URL.");
        }
        for (Map.Entry<String, String> header : headers) {
            if (header.getKey().isEmpty()) {
                return Optional.of("A header has no name.");
            }
        }
        return Optional.empty();
    }

    /** Returns the result that marks a part of a request as malformed, for the reason in the sentence. */
    static DecoderResult malformed(String sentence) {
        return DecoderResult.failure(new MalformedRequestException(sentence));
    }

    private static boolean isChunked(HttpHeaders headers) {
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked");
    }

    private static boolean isTarget(HttpRequest request) {
        return isPath(request.uri(), request.method().equals(HttpMethod.OPTIONS))
                || hasOnlyUriCharacters(request.uri())
                        && ABSOLUTE.matcher(request.uri()).matches();
    }

    /**
     * Returns whether the request target is a path with or without a query.
     *
     * @param asteriskAllowed whether it may also be an asterisk
     */
    public static boolean isPath(String target, boolean asteriskAllowed) {
        return hasOnlyUriCharacters(target) && target.startsWith("/") || asteriskAllowed && target.equals("*");
    }

    private static boolean hasOnlyUriCharacters(String target) {
        return target.chars().noneMatch(c -> c <= ' ' || c == 0x7f || c == '#');
    }
}
