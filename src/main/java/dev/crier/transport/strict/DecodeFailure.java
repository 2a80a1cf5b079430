package dev.crier.transport.strict;

import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/** The reason why a request could not be read as HTTP/1.x. */
public record DecodeFailure(Kind kind, Throwable cause) {

    /** The kinds of requests that cannot be read. */
    public enum Kind {
        REQUEST_LINE_TOO_LONG,
        HEADERS_TOO_LARGE,
        MALFORMED
    }

    /** Returns the failure of a request; empty if the request is valid HTTP. */
    public static Optional<DecodeFailure> of(HttpServerRequest request) {
        DecoderResult result = request.decoderResult();
        return result.isSuccess()
                ? Optional.empty()
                : Optional.of(new DecodeFailure(kind(result.cause()), result.cause()));
    }

    private static Kind kind(Throwable cause) {
        if (cause instanceof TooLongHttpHeaderException) {
            return Kind.HEADERS_TOO_LARGE;
        }
        return cause instanceof TooLongFrameException ? Kind.REQUEST_LINE_TOO_LONG : Kind.MALFORMED;
    }

    /** Returns a sentence that names the fault and quotes nothing of the request; empty if only Netty knows the fault. */
    public Optional<String> sentence() {
        return cause instanceof RequestSyntax.MalformedRequestException
                ? Optional.of(cause.getMessage())
                : Optional.empty();
    }

    /** Returns the type of the exception. Its message may quote a header. */
    public String typeName() {
        return cause.getClass().getSimpleName();
    }
}
