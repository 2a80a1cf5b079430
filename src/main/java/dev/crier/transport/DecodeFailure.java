package dev.crier.transport;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;

/** The kinds of requests that cannot be read as HTTP/1.x. */
public enum DecodeFailure {
    REQUEST_LINE_TOO_LONG,
    HEADERS_TOO_LARGE,
    MALFORMED;

    /** Returns the kind of failure that the decoder reported with this exception. */
    public static DecodeFailure of(Throwable cause) {
        if (cause instanceof TooLongHttpHeaderException) {
            return HEADERS_TOO_LARGE;
        }
        return cause instanceof TooLongFrameException ? REQUEST_LINE_TOO_LONG : MALFORMED;
    }
}
