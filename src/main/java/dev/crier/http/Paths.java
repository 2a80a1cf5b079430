package dev.crier.http;

import io.vertx.core.http.HttpServerRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The path of a request. */
final class Paths {

    private Paths() {}

    /**
     * Decoded, as it was sent: nothing is replaced and no segment taken away.
     *
     * @throws IllegalArgumentException if it is not UTF-8, escaped as RFC 3986 (2.1) has it
     */
    static String decoded(HttpServerRequest request) {
        String path = request.path();
        ByteBuffer bytes = ByteBuffer.allocate(path.length() * 3);
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%') {
                if (i + 2 >= path.length()) {
                    throw new IllegalArgumentException("path: cut short after %");
                }
                bytes.put((byte) Integer.parseInt(path, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.put(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return Utf8.decode(bytes.flip());
    }
}
