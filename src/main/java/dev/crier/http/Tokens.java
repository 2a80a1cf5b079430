package dev.crier.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;

/**
 * The bearer tokens that let one publish (RFC 6750). How long a comparison takes says nothing about them: digests of one
 * length are compared, whole, and all of them. For one event loop.
 */
final class Tokens {

    private static final String SCHEME = "bearer ";

    private final MessageDigest sha256 = sha256();
    private final List<byte[]> digests;

    Tokens(List<String> tokens) {
        digests = tokens.stream().map(this::digest).toList();
    }

    /** The token that the request brings, if it does. */
    static Optional<String> given(HttpServerRequest request) {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        return authorization != null && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? Optional.of(authorization.substring(SCHEME.length()).trim())
                : Optional.empty();
    }

    boolean admit(HttpServerRequest request) {
        return given(request).filter(this::isKnown).isPresent();
    }

    private boolean isKnown(String token) {
        byte[] given = digest(token);
        boolean admitted = false;
        for (byte[] digest : digests) {
            admitted |= MessageDigest.isEqual(digest, given);
        }
        return admitted;
    }

    private byte[] digest(String token) {
        return sha256.digest(token.getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }
}
