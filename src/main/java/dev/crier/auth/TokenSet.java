package dev.crier.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * The bearer tokens of the configuration. Compares digests of equal length, each one to its end and with every token, so
 * that the time of a comparison reveals nothing about a token. Not thread-safe: each event loop has its own.
 */
public final class TokenSet {

    private final MessageDigest sha256 = sha256();
    private final List<byte[]> digests;

    public TokenSet(List<String> tokens) {
        digests = tokens.stream().map(this::digest).toList();
    }

    public boolean contains(String token) {
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
