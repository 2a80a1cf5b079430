package dev.crier.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Bearer tokens that are known one by one. How long a comparison takes says nothing about them: digests of one length are
 * compared, whole, and all of them. For one event loop.
 */
final class Tokens {

    private final MessageDigest sha256 = sha256();
    private final List<byte[]> digests;

    Tokens(List<String> tokens) {
        digests = tokens.stream().map(this::digest).toList();
    }

    boolean contain(String token) {
        byte[] given = digest(token);
        boolean contained = false;
        for (byte[] digest : digests) {
            contained |= MessageDigest.isEqual(digest, given);
        }
        return contained;
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
