package dev.crier.http.request;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes UTF-8. Rejects invalid bytes, which {@code new String} would replace. */
final class Utf8 {

    private Utf8() {}

    /** @throws IllegalArgumentException if the bytes are not valid UTF-8 */
    static String decode(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("invalid UTF-8 (expected: UTF-8)", e);
        }
    }
}
