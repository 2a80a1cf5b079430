package dev.crier.transport;

import io.netty.handler.codec.http.cookie.Cookie;
import io.netty.handler.codec.http.cookie.ServerCookieDecoder;
import java.util.List;

/** Reads the {@code Cookie} headers of a request with Netty's strict decoder (RFC 6265, 4.2). */
public final class CookieHeaders {

    private CookieHeaders() {}

    /**
     * Returns the values of all cookies with this name. Vert.x's own {@code request.cookies()} would keep every cookie in
     * memory as long as the request, and for a subscriber that is as long as the stream.
     */
    public static List<String> values(List<String> headers, String name) {
        return ServerCookieDecoder.STRICT.decodeAll(String.join("; ", headers)).stream()
                .filter(cookie -> cookie.name().equals(name))
                .map(Cookie::value)
                .toList();
    }
}
