package dev.crier.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** UTF-8 that is refused where it is none, and not mended. */
final class Utf8 {

    private Utf8() {}

    /** @throws IllegalArgumentException if it is not UTF-8 */
    static String decode(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not UTF-8 (expected: UTF-8)", e);
        }
    }
}
