package dev.crier.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

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

    boolean admit(HttpServerRequest request) {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return false;
        }
        byte[] given = digest(authorization.substring(SCHEME.length()).trim());
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
