package dev.crier.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import java.util.Comparator;
import java.util.List;

/** The Accept header, as RFC 9110 (12.5.1) has it: the most specific range decides. */
final class Accept {

    private static final String TYPE = "text";
    private static final String SUBTYPE = "event-stream";

    private Accept() {}

    /** Whether the client takes an event stream. */
    static boolean allowsEventStream(RoutingContext ctx) {
        // the parser looks at the first of several headers only, which mean the same as one joined list
        List<String> headers = ctx.request().headers().getAll(HttpHeaders.ACCEPT);
        String joined = String.join(",", headers);
        if (joined.isBlank()) {
            return true;
        }
        ctx.request().headers().set(HttpHeaders.ACCEPT, joined);
        return ctx.parsedHeaders().accept().stream()
                .filter(range -> specificity(range) >= 0)
                .max(Comparator.comparingInt(Accept::specificity))
                .map(range -> range.weight() > 0)
                .orElse(false);
    }

    private static int specificity(MIMEHeader range) {
        if (TYPE.equalsIgnoreCase(range.component())) {
            if (SUBTYPE.equalsIgnoreCase(range.subComponent())) {
                return 2;
            }
            return "*".equals(range.subComponent()) ? 1 : -1;
        }
        return "*".equals(range.component()) && "*".equals(range.subComponent()) ? 0 : -1;
    }
}
